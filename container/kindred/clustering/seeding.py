"""Rows drawn to start clusters from."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import kmeans_plusplus

from kindred.clustering.assignment import assign
from kindred.clustering.space import Metric, points, rounding
from kindred.engine.pool import Pool

Seeding = Literal["kmeans++", "random"]

# k-means++ draws from a sample of this many rows: from all of them it takes longer, for much the same end.
SAMPLE_ROWS = 8192
SAMPLE_ROWS_PER_SEED = 8
# Greedy k-means++ tries 2 + ln k rows for every seed: above this k it may take as long as the loop that follows.
GREEDY_MOST = 256
# Seeds drawn in one round, as a share of those already there.
GROWTH = 0.1


def seeds(
    rows: NDArray[np.float32],
    k: int,
    *,
    rng: np.random.Generator,
    pool: Pool,
    metric: Metric = "euclidean",
    seeding: Seeding = "kmeans++",
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Return the numbers of k rows of different value to start from, int64 (k,); fewer where fewer are distinct.

    "random" takes any rows. "kmeans++" draws rows in proportion to their squared distance from those already drawn
    (Arthur & Vassilvitskii 2007): greedily, by scikit-learn, for k up to 256; above, many at a time (Bahmani et al.
    2012). k is at most the number of rows. weights float64 (n,), not all 0, count a row so many times for "kmeans++";
    "random" heeds none.
    """
    drawn = distinct(rows, _SEEDINGS[seeding](rows, k, rng, pool, metric, weights), metric=metric)
    while len(drawn) < k:
        _, distances = assign(rows, rows[drawn], pool=pool, metric=metric)
        far = far_rows(rows, distances, k - len(drawn), rng=rng, metric=metric)
        if len(far) == 0:
            break
        drawn = np.concatenate([drawn, far])
    return drawn


def far_rows(
    rows: NDArray[np.float32],
    distances: NDArray[np.float32],
    count: int,
    *,
    rng: np.random.Generator,
    metric: Metric = "euclidean",
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Return the numbers of at most `count` rows of different value, drawn in proportion to `distances` (n,).

    distances are squared, and multiplied by `weights` (n,) where given; one that may be rounding counts as 0. None is
    returned only where all are 0.
    """
    chances = np.where(distances > rounding(rows, metric=metric), distances, 0).astype(np.float64)
    if weights is not None:
        chances *= weights
    found = min(count, int(np.count_nonzero(chances)))
    if found == 0:
        return np.empty(0, dtype=np.int64)
    return distinct(rows, rng.choice(len(chances), found, replace=False, p=chances / chances.sum()), metric=metric)


def distinct(rows: NDArray[np.float32], numbers: NDArray[np.int64], *, metric: Metric) -> NDArray[np.int64]:
    """Return `numbers` in their order without those whose point an earlier one has."""
    _, first = np.unique(points(rows[numbers], metric=metric), axis=0, return_index=True)
    return numbers[np.sort(first)]


Weights = NDArray[np.float64] | None


def _random(
    rows: NDArray[np.float32], k: int, rng: np.random.Generator, _pool: Pool, _metric: Metric, _weights: Weights
) -> NDArray[np.int64]:
    return rng.choice(len(rows), k, replace=False)


def _plus_plus(
    rows: NDArray[np.float32], k: int, rng: np.random.Generator, pool: Pool, metric: Metric, weights: Weights
) -> NDArray[np.int64]:
    size = min(len(rows), max(SAMPLE_ROWS, SAMPLE_ROWS_PER_SEED * k))
    numbers = np.sort(rng.choice(len(rows), size, replace=False))
    sample, own = rows[numbers], None if weights is None else weights[numbers]
    draw = _greedy if k <= GREEDY_MOST else _rounds
    return numbers[draw(sample, k, rng, pool, metric, own)]


def _greedy(
    rows: NDArray[np.float32], k: int, rng: np.random.Generator, pool: Pool, metric: Metric, weights: Weights
) -> NDArray[np.int64]:
    def draw(state: int) -> NDArray[np.int64]:
        _, numbers = kmeans_plusplus(points(rows, metric=metric), k, sample_weight=weights, random_state=state)
        return np.asarray(numbers, dtype=np.int64)

    # One task, run by the pool for the sake of its one BLAS thread.
    return pool.map(draw, [int(rng.integers(2**31))])[0]


def _rounds(
    rows: NDArray[np.float32], k: int, rng: np.random.Generator, pool: Pool, metric: Metric, weights: Weights
) -> NDArray[np.int64]:
    drawn = rng.choice(len(rows), 1, p=None if weights is None else weights / weights.sum())
    nearest = np.full(len(rows), np.inf, dtype=np.float32)
    fresh = drawn
    while len(drawn) < k and len(fresh):
        _, distances = assign(rows, rows[fresh], pool=pool, metric=metric)
        nearest = np.minimum(nearest, distances)
        count = min(k - len(drawn), 1 + int(GROWTH * len(drawn)))
        fresh = far_rows(rows, nearest, count, rng=rng, metric=metric, weights=weights)
        drawn = np.concatenate([drawn, fresh])
    return drawn


_SEEDINGS: dict[Seeding, Callable[..., NDArray[np.int64]]] = {"kmeans++": _plus_plus, "random": _random}
