"""Lloyd's loop: assign, average, until the centroids rest."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.assignment import SHARD_ROWS, assign, means
from kindred.clustering.seeding import far_rows
from kindred.clustering.space import Metric, points
from kindred.engine.pool import Pool
from kindred.engine.sums import row_shards, total


def never() -> bool:
    """Return False: nobody asks the loop to stop."""
    return False


def lloyd(
    rows: NDArray[np.float32],
    start: NDArray[np.float32],
    *,
    rng: np.random.Generator,
    pool: Pool,
    metric: Metric = "euclidean",
    passes: int = 25,
    tolerance: float = 1e-4,
    weights: NDArray[np.float64] | None = None,
    stopped: Callable[[], bool] = never,
    shard_rows: int = SHARD_ROWS,
) -> tuple[NDArray[np.float32], int]:
    """Return the centroids, float32 (k, d), of unit length if spherical, and the number of passes made.

    rows float32 (n, d), n at least 1, and start float32 (k, d) are not changed; weights float64 (n,), not all 0, count
    a row so many times. It ends after `passes`, or once `stopped()`, or when the squared shifts of all centroids sum to
    at most `tolerance` x the mean variance of a column, as in scikit-learn (Lloyd 1982). A centroid that no row is
    nearest to moves to a row drawn in proportion to its squared distance and its weight.
    """
    centroids = points(start, metric=metric)
    rest = tolerance * _variance(rows, pool=pool, metric=metric, shard_rows=shard_rows) if tolerance else 0.0
    for made in range(1, passes + 1):
        moved, sizes = means(rows, centroids, pool=pool, metric=metric, weights=weights, shard_rows=shard_rows)
        empty = np.flatnonzero(sizes == 0)
        if len(empty):
            _, distances = assign(rows, centroids, pool=pool, metric=metric, shard_rows=shard_rows)
            moved = refilled(moved, empty, rows, distances, rng=rng, metric=metric, weights=weights)
        shift = np.square(moved - centroids, dtype=np.float64).sum()
        centroids = moved
        if shift <= rest or stopped():
            return centroids, made
    return centroids, passes


def refilled(
    centroids: NDArray[np.float32],
    empty: NDArray[np.int64],
    rows: NDArray[np.float32],
    distances: NDArray[np.float32],
    *,
    rng: np.random.Generator,
    metric: Metric,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float32]:
    """Return the centroids with those numbered `empty` at random far rows; some stay where too few rows are far.

    distances float32 (n,): the rows' squared distances from their nearest centroids; weights as for `far_rows`.
    """
    far = far_rows(rows, distances, len(empty), rng=rng, metric=metric, weights=weights)
    moved = centroids.copy()
    moved[empty[: len(far)]] = points(rows[far], metric=metric)
    return moved


def _variance(rows: NDArray[np.float32], *, pool: Pool, metric: Metric, shard_rows: int) -> float:
    task = partial(_moments_of_shard, rows, metric)
    sums, squares = total(task, row_shards(len(rows), rows=shard_rows), pool=pool)
    return float(np.mean(squares / len(rows) - np.square(sums / len(rows))))


def _moments_of_shard(
    rows: NDArray[np.float32], metric: Metric, shard: slice
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    own = points(rows[shard], metric=metric).astype(np.float64)
    return own.sum(axis=0), np.square(own).sum(axis=0)
