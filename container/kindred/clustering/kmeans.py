"""k-means, from rows to clusters."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.assignment import SHARD_ROWS, assign
from kindred.clustering.lloyd import lloyd, refilled
from kindred.clustering.seeding import Seeding, seeds
from kindred.clustering.space import Metric
from kindred.engine.pool import Pool
from kindred.engine.sums import row_shards
from kindred.errors import UserError

__all__ = ["Clusters", "assign", "fit"]

REFILLS = 3


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """Clusters of n rows, none of them empty.

    centroids float32 (k, d), of unit length if spherical; labels int32 (n,); sizes int64 (k,); distances float32 (n,),
    squared Euclidean to the own centroid, 2 - 2 cos if spherical; the passes of Lloyd's loop that were made.
    """

    centroids: NDArray[np.float32]
    labels: NDArray[np.int32]
    sizes: NDArray[np.int64]
    distances: NDArray[np.float32]
    passes: int


def fit(
    rows: NDArray[np.float32],
    k: int,
    *,
    rng: np.random.Generator,
    pool: Pool,
    metric: Metric = "euclidean",
    seeding: Seeding = "kmeans++",
    start: NDArray[np.float32] | None = None,
    passes: int = 25,
    tolerance: float = 1e-4,
    train_rows: int | None = None,
    shard_rows: int = SHARD_ROWS,
) -> Clusters:
    """Return k clusters of rows float32 (n, d), which are not changed; equal rows and rng states give equal bits.

    Lloyd's loop reads at most `train_rows` random rows (never fewer than k); then all rows are assigned once.
    There are fewer than k clusters where fewer rows are distinct. `start`, float32 (k, d), stands in for the seeds: a
    cluster keeps its number where none comes out empty.
    Raises UserError where k is not in 1..n or a row holds NaN, infinity or what cannot be squared in float32.
    """
    _check(rows, k, pool=pool, shard_rows=shard_rows)
    train = _sample(rows, max(k, train_rows or len(rows)), rng=rng)
    if start is None:
        start = train[seeds(train, k, rng=rng, pool=pool, metric=metric, seeding=seeding)]
    centroids, made = lloyd(
        train, start, rng=rng, pool=pool, metric=metric, passes=passes, tolerance=tolerance, shard_rows=shard_rows
    )
    labels, distances, centroids = _occupied(rows, centroids, rng=rng, pool=pool, metric=metric, shard_rows=shard_rows)
    return Clusters(
        centroids=centroids,
        labels=labels,
        sizes=np.bincount(labels, minlength=len(centroids)),
        distances=distances,
        passes=made,
    )


def _check(rows: NDArray[np.float32], k: int, *, pool: Pool, shard_rows: int) -> None:
    if not 1 <= k <= len(rows):
        raise UserError(f"cannot make {k:,} clusters of {len(rows):,} rows: expected a number from 1 to {len(rows):,}")
    for found in pool.stream(partial(_bad_rows, rows), row_shards(len(rows), rows=shard_rows)):
        if len(found):
            raise UserError(f"row {found[0]} to be clustered holds NaN, infinity or a number beyond 1e18")


def _bad_rows(rows: NDArray[np.float32], shard: slice) -> NDArray[np.int64]:
    part = rows[shard]
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.einsum("ij,ij->i", part, part)
    found: NDArray[np.int64] = shard.start + np.flatnonzero(~np.isfinite(squares))
    return found


def _sample(rows: NDArray[np.float32], size: int, *, rng: np.random.Generator) -> NDArray[np.float32]:
    if size >= len(rows):
        return rows
    return rows[np.sort(rng.choice(len(rows), size, replace=False))]


def _occupied(
    rows: NDArray[np.float32],
    centroids: NDArray[np.float32],
    *,
    rng: np.random.Generator,
    pool: Pool,
    metric: Metric,
    shard_rows: int,
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    labels, distances = assign(rows, centroids, pool=pool, metric=metric, shard_rows=shard_rows)
    for _ in range(REFILLS):
        empty = np.flatnonzero(np.bincount(labels, minlength=len(centroids)) == 0)
        if len(empty) == 0:
            return labels, distances, centroids
        centroids = refilled(centroids, empty, rows, distances, rng=rng, metric=metric)
        labels, distances = assign(rows, centroids, pool=pool, metric=metric, shard_rows=shard_rows)
    kept, renumbered = np.unique(labels, return_inverse=True)
    return renumbered.astype(np.int32), distances, centroids[kept]
