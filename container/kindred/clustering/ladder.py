"""How many clusters there seem to be: the k of a ladder whose clusters stand farthest apart for their width."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.kmeans import fit
from kindred.clustering.lloyd import never
from kindred.clustering.quality import silhouette
from kindred.engine.pool import Pool

RUNGS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
BETWEEN = 6
"""At most so many numbers are tried on each side of the best rung, up to the next rung."""
LEAST_ROWS_PER_CLUSTER = 2


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The k chosen, and the silhouette of each k that was tried, in the order of k."""

    k: int
    silhouettes: dict[int, float]


def choose(
    rows: NDArray[np.float32], *, rng: np.random.Generator, pool: Pool, stopped: Callable[[], bool] = never
) -> Choice:
    """Return the k of the largest simplified silhouette on rows float32 (n, d), n at least 1; of equals the smaller.

    Tried are RUNGS, as far as every cluster can have LEAST_ROWS_PER_CLUSTER rows, then numbers between the best rung
    and its neighbours; k is 1 where no rung is possible. Once `stopped()` the best of those tried so far is taken.
    """
    found: dict[int, float] = {}

    def climb(candidates: Sequence[int]) -> None:
        for k in candidates:
            if not (found and stopped()):
                found[k] = _silhouette(rows, k, rng=rng, pool=pool)

    most = len(rows) // LEAST_ROWS_PER_CLUSTER
    climb([k for k in RUNGS if k <= most])
    if not found:
        return Choice(k=1, silhouettes={})
    climb([k for k in _beside(_best(found)) if k <= most and k not in found])
    return Choice(k=_best(found), silhouettes=dict(sorted(found.items())))


def _silhouette(rows: NDArray[np.float32], k: int, *, rng: np.random.Generator, pool: Pool) -> float:
    made = fit(rows, k, rng=rng, pool=pool)
    # Fewer than k where fewer rows are distinct: then k clusters cannot be had at all.
    if len(made.centroids) < k:
        return -1.0
    # One task, run by the pool for the sake of its one BLAS thread.
    return pool.map(lambda each: silhouette(rows, each.labels, each.centroids, rng=rng), [made])[0]


def _best(found: dict[int, float]) -> int:
    return max(sorted(found), key=found.__getitem__)


def _beside(rung: int) -> list[int]:
    gaps = [range(low + 1, high) for low, high in pairwise(RUNGS) if rung in (low, high)]
    return sorted({int(k) for gap in gaps if gap for k in np.linspace(gap[0], gap[-1], min(BETWEEN, len(gap)))})
