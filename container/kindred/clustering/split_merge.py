"""Centroids taken from where two will do as one, and put where one stands for two: out of a poor optimum."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from kindred.clustering.assignment import SHARD_ROWS, assign
from kindred.clustering.space import Metric, points, unit
from kindred.engine.pool import Pool
from kindred.engine.sums import row_shards, total

POWER_STEPS = 3
# Costs of pairs that are held at a time, float32: 8 MiB a thread.
COSTS = 1 << 21


def split_merged(
    rows: NDArray[np.float32], centroids: NDArray[np.float32], *, pool: Pool, metric: Metric = "euclidean"
) -> tuple[NDArray[np.float32], int]:
    """Return centroids float32 (k, d), of unit length if spherical, and how many of them were moved; no chance in it.

    rows float32 (n, d), n at least 1, and centroids float32 (k, d) are not changed. Two clusters become one wherever a
    third gains more by being cut at its mean across its principal direction than they lose, by the squared distances
    of rows from their means (Ward 1963; in the sphere's plain space if spherical). No cluster has a part in more than
    one such exchange, so there are at most k / 3. A centroid that no row is nearest to costs nothing to take.
    """
    own = points(rows, metric=metric)
    labels, _ = assign(own, centroids, pool=pool, metric=metric)
    found = _clusters(own, labels, centroids, pool=pool)
    halves = _halves(own, labels, found.means, pool=pool)
    costs, partners = _cheapest(found, pool=pool)
    exchanges = _exchanges(costs, partners, halves.gains)
    return points(_exchanged(found, halves, exchanges), metric=metric), len(exchanges)


@dataclass(frozen=True, kw_only=True)
class _Clusters:
    """means float32 (k, d), the old centroid where there are no rows; sizes float64 (k,)."""

    means: NDArray[np.float32]
    sizes: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class _Halves:
    """What two halves gain over their whole, float64 (k,), and their means less that of the whole, float64 (k, d)."""

    gains: NDArray[np.float64]
    one: NDArray[np.float64]
    other: NDArray[np.float64]


def _clusters(
    own: NDArray[np.float32], labels: NDArray[np.int32], centroids: NDArray[np.float32], *, pool: Pool
) -> _Clusters:
    # From the centroids: far from the origin the sums of the rows themselves would lose what tells the rows apart.
    (shifts,) = total(partial(_shifts_of_shard, own, labels, centroids), _shards(own), pool=pool)
    sizes = np.bincount(labels, minlength=len(centroids)).astype(np.float64)
    means = centroids + shifts / np.maximum(sizes, 1)[:, None]
    return _Clusters(means=means.astype(np.float32), sizes=sizes)


def _halves(own: NDArray[np.float32], labels: NDArray[np.int32], means: NDArray[np.float32], *, pool: Pool) -> _Halves:
    apart = np.empty_like(own)
    lengths = np.concatenate(pool.map(partial(_set_apart, own, labels, means, apart), _shards(own)))
    directions = _farthest(apart, labels, lengths, len(means))
    for _ in range(POWER_STEPS):
        (sums,) = total(partial(_turned_of_shard, apart, labels, directions), _shards(own), pool=pool)
        directions = unit(sums.astype(np.float32))
    sums, counts = total(partial(_sides_of_shard, apart, labels, directions), _shards(own), pool=pool)
    other, one = (sums / np.maximum(counts, 1)[:, None]).reshape(2, *means.shape)
    others, ones = counts.reshape(2, -1)
    gains = ones * np.square(one).sum(axis=1) + others * np.square(other).sum(axis=1)
    return _Halves(gains=np.where((ones == 0) | (others == 0), 0, gains), one=one, other=other)


def _farthest(
    apart: NDArray[np.float32], labels: NDArray[np.int32], lengths: NDArray[np.float32], k: int
) -> NDArray[np.float32]:
    """Directions float32 (k, d) of unit length, or 0, of the row of each cluster that lies farthest from its mean."""
    order = np.lexsort((-lengths, labels))
    first = order[np.unique(labels[order], return_index=True)[1]]
    directions = np.zeros((k, apart.shape[1]), dtype=np.float32)
    directions[labels[first]] = unit(apart[first])
    return directions


def _shards(rows: NDArray[np.float32]) -> list[slice]:
    return row_shards(len(rows), rows=SHARD_ROWS)


def _shifts_of_shard(
    own: NDArray[np.float32], labels: NDArray[np.int32], centroids: NDArray[np.float32], shard: slice
) -> tuple[NDArray[np.float64]]:
    near = labels[shard]
    return (_sums(own[shard] - centroids[near], near, np.ones(len(near)), len(centroids)),)


def _set_apart(
    own: NDArray[np.float32],
    labels: NDArray[np.int32],
    means: NDArray[np.float32],
    apart: NDArray[np.float32],
    shard: slice,
) -> NDArray[np.float32]:
    """Write the rows of the shard, less the means of their clusters, into `apart`; return their squared lengths."""
    np.subtract(own[shard], means[labels[shard]], out=apart[shard])
    lengths: NDArray[np.float32] = np.einsum("ij,ij->i", apart[shard], apart[shard])
    return lengths


def _turned_of_shard(
    apart: NDArray[np.float32], labels: NDArray[np.int32], directions: NDArray[np.float32], shard: slice
) -> tuple[NDArray[np.float64]]:
    """A step of the power method in every cluster: its covariance times its direction."""
    near = labels[shard]
    heights = np.einsum("ij,ij->i", apart[shard], directions[near])
    return (_sums(apart[shard], near, heights.astype(np.float64), len(directions)),)


def _sides_of_shard(
    apart: NDArray[np.float32], labels: NDArray[np.int32], directions: NDArray[np.float32], shard: slice
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Sums and numbers of the rows that lie behind the mean, cluster by cluster, then of those before it."""
    near, k = labels[shard], len(directions)
    sides = near + k * (np.einsum("ij,ij->i", apart[shard], directions[near]) > 0).astype(np.int32)
    return _sums(apart[shard], sides, np.ones(len(near)), 2 * k), np.bincount(sides, minlength=2 * k)


def _sums(
    rows: NDArray[np.float32], labels: NDArray[np.int32], weights: NDArray[np.float64], k: int
) -> NDArray[np.float64]:
    columns = (weights, labels, np.arange(len(labels) + 1, dtype=np.int32))
    sums: NDArray[np.float64] = csc_array(columns, shape=(k, len(labels))) @ rows
    return sums


def _cheapest(found: _Clusters, *, pool: Pool) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What each cluster costs to be merged with the one that costs least, float64 (k,), and its number, int64 (k,)."""
    step = max(1, COSTS // len(found.means))
    parts = pool.map(partial(_cheapest_of, found), row_shards(len(found.means), rows=step))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _cheapest_of(found: _Clusters, part: slice) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    means = found.means - found.means.mean(axis=0, dtype=np.float64).astype(np.float32)
    squares = np.einsum("ij,ij->i", means, means)
    costs = squares[part, None] + squares - 2 * (means[part] @ means.T)
    sizes = found.sizes.astype(np.float32)
    costs *= sizes[part, None] * sizes / np.maximum(sizes[part, None] + sizes, 1)
    costs[np.arange(len(costs)), np.arange(part.start, part.stop)] = np.inf
    partners = costs.argmin(axis=1)
    return np.maximum(costs[np.arange(len(costs)), partners], 0).astype(np.float64), partners


def _exchanges(
    costs: NDArray[np.float64], partners: NDArray[np.int64], gains: NDArray[np.float64]
) -> list[tuple[int, int, int]]:
    """Clusters (i, j, s): j merges into i, and s is cut in two, the cheapest pairs and the greatest gains first."""
    free = np.ones(len(costs), dtype=np.bool_)
    splits = iter(np.argsort(-gains, kind="stable").tolist())
    chosen: list[tuple[int, int, int]] = []
    split = next(splits)
    for i in np.argsort(costs, kind="stable").tolist():
        j = int(partners[i])
        if not (free[i] and free[j]):
            continue
        while not free[split] or split in (i, j):
            # Passed over for good, though free again in other pairs: it is worth less than it costs to look back.
            split = next(splits, -1)
            if split < 0:
                return chosen
        if gains[split] <= costs[i]:
            return chosen
        free[[i, j, split]] = False
        chosen.append((i, j, split))
    return chosen


def _exchanged(found: _Clusters, halves: _Halves, exchanges: list[tuple[int, int, int]]) -> NDArray[np.float32]:
    centroids = found.means.copy()
    if not exchanges:
        return centroids
    i, j, s = np.array(exchanges).T
    share = found.sizes[j] / np.maximum(found.sizes[i] + found.sizes[j], 1)
    centroids[i] = found.means[i] + share[:, None] * (found.means[j] - found.means[i])
    centroids[s], centroids[j] = found.means[s] + halves.one[s], found.means[s] + halves.other[s]
    return centroids
