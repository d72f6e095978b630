"""One pass over the rows: to each its nearest centroid, and the means that follow."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from kindred.clustering.space import Metric, points, scorable
from kindred.engine.pool import Pool
from kindred.engine.sums import row_shards, total

SHARD_ROWS = 4096
# The scores of one chunk against every centroid should stay in the L2 cache.
CHUNK_ROWS = 512


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


def own_distances(
    rows: NDArray[np.float32],
    labels: NDArray[np.int32],
    centroids: NDArray[np.float32],
    *,
    pool: Pool,
    metric: Metric = "euclidean",
    shard_rows: int = SHARD_ROWS,
) -> NDArray[np.float32]:
    """Return the squared distances, float32 (n,), of rows from the centroids that their labels name."""

    def task(shard: slice) -> NDArray[np.float32]:
        return _squared(points(rows[shard], metric=metric), labels[shard], centroids)

    return np.concatenate(pool.map(task, row_shards(len(rows), rows=shard_rows)))


def means(
    rows: NDArray[np.float32],
    centroids: NDArray[np.float32],
    *,
    pool: Pool,
    metric: Metric = "euclidean",
    shard_rows: int = SHARD_ROWS,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the mean of the rows nearest to each centroid, float32 (k, d), and their number, int64 (k,).

    Spherical centroids are of unit length, and so are their means. Where no row is nearest, or the rows cancel out,
    the centroid stays.
    """
    task = partial(_sums_of_shard, rows, centroids, metric)
    sums, sizes = total(task, row_shards(len(rows), rows=shard_rows), pool=pool)
    scale = np.linalg.norm(sums, axis=1) if metric == "spherical" else sizes
    moved = sums / np.where(scale == 0, 1, scale)[:, None]
    return np.where(scale[:, None] == 0, centroids, moved).astype(np.float32), sizes.astype(np.int64)


def _labels_of_shard(
    rows: NDArray[np.float32], centroids: NDArray[np.float32], metric: Metric, shard: slice
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    own = points(rows[shard], metric=metric)
    labels = _nearest(own, centroids)
    return labels, _squared(own, labels, centroids)


def _sums_of_shard(
    rows: NDArray[np.float32], centroids: NDArray[np.float32], metric: Metric, shard: slice
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    own = points(rows[shard], metric=metric)
    labels = _nearest(own, centroids)
    columns = (np.ones(len(labels)), labels, np.arange(len(labels) + 1, dtype=np.int32))
    one_hot = csc_array(columns, shape=(len(centroids), len(labels)))
    return one_hot @ own, np.bincount(labels, minlength=len(centroids))


def _nearest(own: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.int32]:
    ready, scoring = scorable(own, centroids)
    labels = np.empty(len(own), dtype=np.int32)
    scores = np.empty((min(CHUNK_ROWS, len(own)), len(centroids)), dtype=np.float32)
    for chunk in row_shards(len(own), rows=CHUNK_ROWS):
        part = ready[chunk]
        labels[chunk] = np.matmul(part, scoring, out=scores[: len(part)]).argmax(axis=1)
    return labels


def _squared(
    own: NDArray[np.float32], labels: NDArray[np.int32], centroids: NDArray[np.float32]
) -> NDArray[np.float32]:
    apart = own - centroids[labels]
    squares: NDArray[np.float32] = np.einsum("ij,ij->i", apart, apart)
    return squares
