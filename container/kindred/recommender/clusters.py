"""The two clusterings of the items: fine ones that bound the blocks, and coarse ones, the tastes, that people see."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np

from kindred.clustering import kmeans
from kindred.clustering.kmeans import Clusters
from kindred.clustering.splitting import split_oversized
from kindred.engine.pool import Pool
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Floats, Numbers, Positions

TRAIN_ROWS_PER_CLUSTER = 256
MANY = 1_000
PASSES_OF_MANY = 6
"""Above so many clusters the later passes move little, and each takes as long as there are rows times clusters."""
TWO_LEVELS_FROM = 20_000
"""Above so many clusters the rows are parted into √k first, and these each on their own: a few per cent farther from
the centroids, in a fraction of the time; see docs/10-the-tables.md."""
SEEDED_UP_TO = 2048
"""k-means++ costs as much as k passes; above so many clusters random rows do as well."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Here:
    """Within a task of a pool, which sees to BLAS's threads: to ask for that again costs more than a small task."""

    def map(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        return list(map(task, items))

    def stream(self, task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        return map(task, items)


HERE = _Here()


def unit_rows(rows: Floats) -> Floats:
    """Return the rows at length one, float32; rows of zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def block_space(embedding: Floats, content: Floats | None, *, content_share: float) -> Floats:
    """Return unit rows float32 (n, d + f) in which the blocks are clustered: viewers first, metadata beside."""
    rows = unit_rows(embedding)
    if content is None:
        return rows
    return unit_rows(np.hstack([rows, content_share * unit_rows(content)]))


def of_blocks(space: Floats, settings: Settings, *, rng: np.random.Generator, pool: Pool) -> Numbers:
    """Return labels int32 (n,) of unit rows float32 (n, ·) in about n / items_per_cluster clusters.

    None is larger than size_cap × the mean of as many clusters as were wanted, rows of equal value too.
    """
    wanted = min(max(8, round(len(space) / settings.items_per_cluster)), len(space))
    cluster = _two_levels if wanted > TWO_LEVELS_FROM else _spherical
    found = cluster(space, wanted, settings, rng=rng, pool=pool)
    # The mean of those found would not bound anything where few rows are distinct: then few are found.
    most = max(1, int(settings.size_cap * len(space) / wanted))
    return split_oversized(space, found.labels, found.centroids, most=most, pool=pool, metric="spherical")[0]


def _two_levels(rows: Floats, k: int, settings: Settings, *, rng: np.random.Generator, pool: Pool) -> Clusters:
    """About k clusters, √k in each of about √k: as many in each as it has of the rows."""
    coarse = _spherical(rows, round(k**0.5), settings, rng=rng, pool=pool)
    order = np.argsort(coarse.labels, kind="stable")
    groups = np.split(order, np.cumsum(coarse.sizes)[:-1])
    # Each draws from a generator of its own, so that the pool may take them side by side.
    tasks = list(zip(groups, rng.spawn(len(groups)), strict=True))

    def within(task: tuple[Positions, np.random.Generator]) -> Clusters:
        members, chance = task
        wanted = min(max(1, round(len(members) * k / len(rows))), len(members))
        return _spherical(rows[members], wanted, settings, rng=chance, pool=HERE)

    found = pool.map(within, tasks)
    firsts = np.cumsum([0, *(len(one.centroids) for one in found)])
    labels, distances = np.empty(len(rows), dtype=np.int32), np.empty(len(rows), dtype=np.float32)
    for members, one, first in zip(groups, found, firsts[:-1].tolist(), strict=True):
        labels[members], distances[members] = one.labels + first, one.distances
    return Clusters(
        centroids=np.concatenate([one.centroids for one in found]),
        labels=labels,
        sizes=np.bincount(labels, minlength=int(firsts[-1])),
        distances=distances,
        passes=coarse.passes,
    )


def of_tastes(
    embedding: Floats, settings: Settings, *, rng: np.random.Generator, pool: Pool, earlier: Numbers | None = None
) -> Clusters:
    """Cluster the embedding float32 (n, d) alone into the tastes: at most `settings.tastes`, about 20 items
    each at least; two where there are fewer items than that.

    `earlier` int32 (n,), −1 for none: tastes that k-means starts from, so that they keep their numbers; where they are
    more than are wanted now, it starts anew.
    """
    wanted = min(max(len(embedding) // 20, 2), settings.tastes, len(embedding))
    rows = unit_rows(embedding)
    known = -1 if earlier is None else int(earlier.max(initial=-1))
    start = None if earlier is None or not 0 <= known < wanted else _continued(rows, earlier, wanted, rng=rng)
    return _spherical(rows, wanted, settings, rng=rng, pool=pool, start=start)


def _continued(rows: Floats, earlier: Numbers, wanted: int, *, rng: np.random.Generator) -> Floats:
    """Where the earlier clusters are in the space of these rows, and random rows for those that have none left."""
    start: Floats = rows[rng.choice(len(rows), wanted, replace=False)]
    labelled = np.flatnonzero(earlier >= 0)
    sums = np.zeros(start.shape)
    np.add.at(sums, earlier[labelled], rows[labelled])
    kept = sums.any(axis=1)
    start[kept] = unit_rows(sums[kept].astype(np.float32))
    return start


def _spherical(
    rows: Floats, k: int, settings: Settings, *, rng: np.random.Generator, pool: Pool, start: Floats | None = None
) -> Clusters:
    return kmeans.fit(
        rows,
        k,
        rng=rng,
        pool=pool,
        metric="spherical",
        seeding="kmeans++" if k <= SEEDED_UP_TO else "random",
        start=start,
        passes=settings.passes if k <= MANY else min(settings.passes, PASSES_OF_MANY),
        train_rows=TRAIN_ROWS_PER_CLUSTER * k,
    )
