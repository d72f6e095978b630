"""Epochs of mini-batches over shards of rows, and the passes over all of them that may follow.

Both go from a state to the next, and each state is all that they need to go on: chance is drawn anew for each epoch
and pass, so that who begins at a state in the middle ends at the same bits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.clustering import shards as shelves
from kindred.clustering.assignment import Sweep, assign, sweep
from kindred.clustering.lloyd import refilled
from kindred.clustering.minibatch import Centres, moved
from kindred.clustering.seeding import SAMPLE_ROWS, SAMPLE_ROWS_PER_SEED, Seeding, distinct, seeds
from kindred.engine.pool import Pool
from kindred.engine.shards import Shards
from kindred.engine.stopping import Stopped

WORTHWHILE = 1e-3
"""The share by which a pass must have lowered the squared distances for another to follow."""

Chance = Callable[[int], np.random.Generator]
"""The generator of an epoch or a pass, by its number from 1; in the same state whenever it is asked for."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """How the centres are moved: `count` of them, batches of `batch_rows`, for so many epochs."""

    count: int
    batch_rows: int
    epochs: int
    half_life: int
    seeding: Seeding


@dataclass(frozen=True, kw_only=True)
class Underway:
    """Centres that mini-batches move: so many epochs are over, and so many batches of the next."""

    centres: Centres
    epochs: int = 0
    batches: int = 0


@dataclass(frozen=True, kw_only=True)
class Refined:
    """Centroids float32 (k, d), what a sweep found of them, and the summed squared distances of every sweep so far."""

    centroids: NDArray[np.float32]
    found: Sweep
    totals: tuple[float, ...]


def start(shards: Shards, course: Course, *, rng: np.random.Generator, pool: Pool) -> NDArray[np.float32]:
    """Return rows of different value to start from, float32 (K, d): course.count, or all where fewer are different.

    Where the pool is stopped they are random rows, and may be fewer.
    """
    size = max(course.batch_rows, SAMPLE_ROWS, SAMPLE_ROWS_PER_SEED * course.count)
    rows = shelves.sample(shards, size, rng=rng)
    count = min(course.count, len(rows))
    try:
        drawn = seeds(rows, count, rng=rng, pool=pool, seeding=course.seeding)
    except Stopped:
        return rows[distinct(rows, rng.permutation(len(rows))[: 2 * count], metric="euclidean")[:count]]
    if len(drawn) == course.count:
        return rows[drawn]
    return shards.different(course.count)


def epochs(shards: Shards, begun: Underway, course: Course, *, chance: Chance, pool: Pool) -> Iterator[Underway]:
    """Yield the state after every batch from `begun` to the end of the last epoch.

    Each epoch sees every row once, in an order of its own. Raises what the pool does.
    """
    batches = -(-shards.count // course.batch_rows)
    centres, made = begun.centres, begun.batches
    for epoch in range(begun.epochs + 1, course.epochs + 1):
        for batch in shelves.batches(shards, course.batch_rows, rng=chance(epoch), begun=made):
            centres, made = moved(centres, batch, pool=pool, half_life=course.half_life), made + 1
            if made < batches:
                yield Underway(centres=centres, epochs=epoch - 1, batches=made)
        made = 0
        yield Underway(centres=centres, epochs=epoch)


def swept(shards: Shards, centroids: NDArray[np.float32], *, pool: Pool) -> Refined:
    """Return the centroids float32 (k, d) as a state that passes can follow. Raises what the pool does."""
    found = sweep(shards, centroids, pool=pool)
    return Refined(centroids=centroids, found=found, totals=(float(found.squares.sum()),))


def passes(shards: Shards, begun: Refined, *, most: int, chance: Chance, pool: Pool) -> Iterator[Refined]:
    """Yield the state after each of Lloyd's passes that follow `begun`.

    There are at most `most` in all, fewer once one lowers the squared distances by a share of less than WORTHWHILE. A
    centroid that no row is nearest to moves to a random far row. Raises what the pool does.
    """
    state = begun
    while len(state.totals) <= most and _worthwhile(state.totals):
        moved_to = _means(shards, state.centroids, state.found, rng=chance(len(state.totals)), pool=pool)
        after = swept(shards, moved_to, pool=pool)
        state = Refined(centroids=moved_to, found=after.found, totals=(*state.totals, *after.totals))
        yield state


def _worthwhile(totals: tuple[float, ...]) -> bool:
    return len(totals) < 2 or totals[-2] - totals[-1] > WORTHWHILE * totals[-2]


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
