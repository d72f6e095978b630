"""A start close to the end: centroids of a small sample, split and merged, then of samples twice as large each time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kindred.clustering import shards as shelves
from kindred.clustering.lloyd import lloyd
from kindred.clustering.space import Metric
from kindred.clustering.split_merge import split_merged
from kindred.engine.pool import Pool
from kindred.engine.shards import Shards
from kindred.engine.stopping import Stopped


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How the sample grows: from so many rows for each of the k centroids, and no fewer than `least_rows`, until twice
    as many would be more than half of all, or more than so many numbers. `rounds` of one pass, then split and merge,
    are made on the first.
    """

    rows_per_cluster: int = 48
    least_rows: int = 16384
    most_cells: int = 1 << 24
    rounds: int = 5


DEFAULT = Growth()


def grown(
    shards: Shards,
    first: NDArray[np.float32],
    *,
    rng: np.random.Generator,
    pool: Pool,
    metric: Metric = "euclidean",
    growth: Growth = DEFAULT,
) -> NDArray[np.float32]:
    """Return centroids float32 (k, d), from which few of Lloyd's passes over all rows, at least one, are left to make.

    first float32 (k, d) is where they start, and is not changed. Equal rows, rng states and `first` give equal bits,
    whatever the pool. Where the pool is stopped, the centroids so far are returned.
    """
    centroids = first
    try:
        for after in _steps(shards, first, rng=rng, pool=pool, metric=metric, growth=growth):
            centroids = after
    except Stopped:
        return centroids
    return centroids


def _steps(
    shards: Shards,
    first: NDArray[np.float32],
    *,
    rng: np.random.Generator,
    pool: Pool,
    metric: Metric,
    growth: Growth,
) -> Iterator[NDArray[np.float32]]:
    sizes = _sizes(shards, len(first), growth)
    rows = shelves.sample(shards, sizes[-1], rng=rng)
    # A sample comes in the order of its rows' numbers, and its beginning has to be a sample, too.
    rows = rows[rng.permutation(len(rows))]
    one = partial(lloyd, rng=rng, pool=pool, metric=metric, passes=1, tolerance=0)
    centroids, moved = first, len(first)
    for _ in range(growth.rounds):
        centroids, _ = one(rows[: sizes[0]], centroids)
        yield centroids
        centroids, moved = split_merged(rows[: sizes[0]], centroids, pool=pool, metric=metric)
        if not moved:
            break
    for size in sizes:
        centroids, _ = one(rows[:size], centroids)
        yield centroids


def _sizes(shards: Shards, k: int, growth: Growth) -> list[int]:
    sizes = [min(shards.count, max(growth.least_rows, growth.rows_per_cluster * k))]
    most = min(shards.count // 2, growth.most_cells // max(shards.width, 1))
    while 2 * sizes[-1] <= most:
        sizes.append(2 * sizes[-1])
    return sizes
