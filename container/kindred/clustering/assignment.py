"""One pass over the rows: to each its nearest centroid, and the means that follow."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from kindred.clustering.space import Metric, points, scoring
from kindred.engine.pool import Pool
from kindred.engine.shards import PIECE_ROWS, Shards
from kindred.engine.sums import row_shards, total

SHARD_ROWS = PIECE_ROWS
# The scores of one chunk against every centroid, float32, should stay in the L2 cache: 1 MiB.
CHUNK_SCORES = 1 << 18
# Between these BLAS is at its fastest, and the loop over the chunks takes no time.
LEAST_CHUNK_ROWS, MOST_CHUNK_ROWS = 128, 2048


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """What one pass finds of each centroid: the sum, number and summed squared distances of the rows nearest to it.

    sums float64 (k, d); sizes int64 (k,); squares float64 (k,).
    """

    sums: NDArray[np.float64]
    sizes: NDArray[np.int64]
    squares: NDArray[np.float64]


def assign(
    rows: NDArray[np.float32],
    centroids: NDArray[np.float32],
    *,
    pool: Pool,
    metric: Metric = "euclidean",
    shard_rows: int = SHARD_ROWS,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return every row's nearest centroid, labels int32 (n,), and the squared distances to them, float32 (n,).

    rows float32 (n, d), centroids float32 (k, d), neither changed. Spherical scales both to unit length, where the
    squared distance is 2 - 2 cos; a row of length 0 has distance 1. Of equally near centroids any may be taken.
    """
    task = partial(_labels_of_shard, rows, points(centroids, metric=metric), metric)
    parts = pool.map(task, row_shards(len(rows), rows=shard_rows))
    labels = [np.empty(0, dtype=np.int32), *(part[0] for part in parts)]
    distances = [np.empty(0, dtype=np.float32), *(part[1] for part in parts)]
    return np.concatenate(labels), np.concatenate(distances)


def means(
    rows: NDArray[np.float32],
    centroids: NDArray[np.float32],
    *,
    pool: Pool,
    metric: Metric = "euclidean",
    weights: NDArray[np.float64] | None = None,
    shard_rows: int = SHARD_ROWS,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the mean of the rows nearest to each centroid, float32 (k, d), and their summed weights, float64 (k,).

    weights float64 (n,), none negative, count a row so many times; without them a row counts once. Spherical centroids
    are of unit length, and so are their means. Where no row is nearest, or the rows cancel out, the centroid stays.
    """
    task = partial(_sums_of_shard, rows, centroids, metric, weights)
    sums, sizes = total(task, row_shards(len(rows), rows=shard_rows), pool=pool)
    scale = np.linalg.norm(sums, axis=1) if metric == "spherical" else sizes
    moved = sums / np.where(scale == 0, 1, scale)[:, None]
    return np.where(scale[:, None] == 0, centroids, moved).astype(np.float32), sizes


def sweep(shards: Shards, centroids: NDArray[np.float32], *, pool: Pool) -> Sweep:
    """Return what a pass over all rows of the shards, of which there is at least one, finds; Euclidean."""
    sums, sizes, squares = shards.total(partial(_swept, centroids), pool=pool)
    return Sweep(sums=sums, sizes=sizes.astype(np.int64), squares=squares)


def _labels_of_shard(
    rows: NDArray[np.float32], centroids: NDArray[np.float32], metric: Metric, shard: slice
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    own = points(rows[shard], metric=metric)
    labels = _nearest(own, centroids)
    return labels, _squared(own, labels, centroids)


def _sums_of_shard(
    rows: NDArray[np.float32],
    centroids: NDArray[np.float32],
    metric: Metric,
    weights: NDArray[np.float64] | None,
    shard: slice,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    own = points(rows[shard], metric=metric)
    counts = np.ones(len(own)) if weights is None else weights[shard]
    return _sums(own, _nearest(own, centroids), counts, len(centroids))


def _swept(
    centroids: NDArray[np.float32], own: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    labels = _nearest(own, centroids)
    sums, sizes = _sums(own, labels, np.ones(len(own)), len(centroids))
    squares = np.bincount(labels, _squared(own, labels, centroids), minlength=len(centroids))
    return sums, sizes, squares.astype(np.float64)


def _sums(
    own: NDArray[np.float32], labels: NDArray[np.int32], weights: NDArray[np.float64], k: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    columns = (weights, labels, np.arange(len(labels) + 1, dtype=np.int32))
    one_hot = csc_array(columns, shape=(k, len(labels)))
    return one_hot @ own, np.bincount(labels, weights, minlength=k).astype(np.float64)


def _nearest(own: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.int32]:
    offset, against = scoring(centroids)
    labels = np.empty(len(own), dtype=np.int32)
    rows = min(len(own), max(LEAST_CHUNK_ROWS, min(MOST_CHUNK_ROWS, CHUNK_SCORES // len(centroids))))
    ready = np.ones((rows, own.shape[1] + 1), dtype=np.float32)
    scores = np.empty((rows, len(centroids)), dtype=np.float32)
    for chunk in row_shards(len(own), rows=rows):
        part = own[chunk]
        np.subtract(part, offset, out=ready[: len(part), :-1])
        labels[chunk] = np.matmul(ready[: len(part)], against, out=scores[: len(part)]).argmax(axis=1)
    return labels


def _squared(
    own: NDArray[np.float32], labels: NDArray[np.int32], centroids: NDArray[np.float32]
) -> NDArray[np.float32]:
    apart = own - centroids[labels]
    squares: NDArray[np.float32] = np.einsum("ij,ij->i", apart, apart)
    return squares
