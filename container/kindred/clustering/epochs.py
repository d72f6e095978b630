"""Epochs of mini-batches over shards of rows, and the passes over all of them that may follow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.clustering import shards as shelves
from kindred.clustering.assignment import Sweep, assign, sweep
from kindred.clustering.lloyd import never, refilled
from kindred.clustering.minibatch import Centres, begun, moved
from kindred.clustering.seeding import SAMPLE_ROWS, SAMPLE_ROWS_PER_SEED, Seeding, seeds
from kindred.engine.pool import Pool
from kindred.engine.shards import Shards

WORTHWHILE = 1e-3
"""The share by which a pass must have lowered the squared distances for another to follow."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How the centres are moved: `count` of them, batches of `batch_rows`, for so many epochs."""

    count: int
    batch_rows: int
    epochs: int
    half_life: int
    seeding: Seeding


def start(shards: Shards, course: Course, *, rng: np.random.Generator, pool: Pool) -> NDArray[np.float32]:
    """Return rows of different value to start from, float32 (K, d): course.count, or all where fewer are different."""
    size = max(course.batch_rows, SAMPLE_ROWS, SAMPLE_ROWS_PER_SEED * course.count)
    rows = shelves.sample(shards, size, rng=rng)
    drawn = seeds(rows, min(course.count, len(rows)), rng=rng, pool=pool, seeding=course.seeding)
    if len(drawn) == course.count:
        return rows[drawn]
    return shards.different(course.count)


def epochs(
    shards: Shards,
    first: NDArray[np.float32],
    course: Course,
    *,
    rng: np.random.Generator,
    pool: Pool,
    stopped: Callable[[], bool] = never,
) -> Iterator[Centres]:
    """Yield the centres after every epoch, of which there is at least one; `first` float32 (K, d) is where they start.

    Each epoch sees every row once, in an order of its own. Once `stopped()`, the batch under way is the last, and the
    centres that it left are yielded.
    """
    centres = begun(first)
    for _ in range(course.epochs):
        for batch in shelves.batches(shards, course.batch_rows, rng=rng):
            centres = moved(centres, batch, pool=pool, half_life=course.half_life)
            if stopped():
                yield centres
                return
        yield centres


def passes(
    shards: Shards,
    centroids: NDArray[np.float32],
    *,
    most: int,
    rng: np.random.Generator,
    pool: Pool,
    stopped: Callable[[], bool] = never,
) -> Iterator[tuple[NDArray[np.float32], Sweep]]:
    """Yield centroids float32 (k, d) and what a sweep finds of them: the given ones, then those of each Lloyd pass.

    At most `most` passes are made, fewer once one lowers the squared distances by a share of less than WORTHWHILE, or
    `stopped()`. A centroid that no row is nearest to moves to a random far row. Nothing is yielded that was not swept.
    """
    found = sweep(shards, centroids, pool=pool)
    yield centroids, found
    for _ in range(most):
        if stopped():
            return
        before, centroids = found.squares.sum(), _means(shards, centroids, found, rng=rng, pool=pool)
        found = sweep(shards, centroids, pool=pool)
        yield centroids, found
        if before - found.squares.sum() <= WORTHWHILE * before:
            return


def _means(
    shards: Shards, centroids: NDArray[np.float32], found: Sweep, *, rng: np.random.Generator, pool: Pool
) -> NDArray[np.float32]:
    empty = np.flatnonzero(found.sizes == 0)
    moved_to = found.sums / np.maximum(found.sizes, 1)[:, None]
    means: NDArray[np.float32] = np.where(found.sizes[:, None] == 0, centroids, moved_to).astype(np.float32)
    if len(empty) == 0:
        return means
    rows = shelves.sample(shards, SAMPLE_ROWS, rng=rng)
    _, distances = assign(rows, centroids, pool=pool)
    return refilled(means, empty, rows, distances, rng=rng, metric="euclidean")
