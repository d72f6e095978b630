"""The fit of the ensemble: twelve k-means of the metadata, few clusters to many, and votes to weigh them by."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kindred.clustering import kmeans
from kindred.engine.pool import Pool
from kindred.engine.stopping import Stopped
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.typing import Floats, Numbers

SIZES = ((16, 20), (48, 10), (128, 5))
"""Clusters, and how many items each must be able to have: a small catalogue gets fewer, still coarse and fine."""

SEEDS = 4
WANTED = SEEDS * len(SIZES)
SEEN = 1
"""Which of SIZES people see the clusters of."""


def fit(
    content: Floats, votes: Floats, *, popularity: Floats, rng: np.random.Generator, pool: Pool, passes: int = 25
) -> Ensemble:
    """Return the ensemble of F float32 (n, f) and votes float32 (n,), ≥ 0; votes only weigh, they never cluster."""
    return so_far(content, votes, popularity=popularity, rng=rng, pool=pool, passes=passes)[0]


def so_far(
    content: Floats, votes: Floats, *, popularity: Floats, rng: np.random.Generator, pool: Pool, passes: int = 25
) -> tuple[Ensemble, int]:
    """Return the ensemble as `fit` does, and how many clusterings were made before the pool raised Stopped, if it did.

    Without any, all items are of one cluster.
    """
    sizes = [min(len(content), max(2, min(most, len(content) // each))) for most, each in SIZES]
    made: list[_Clustering] = []
    with contextlib.suppress(Stopped):
        for k in (k for k in sizes for _ in range(SEEDS)):
            found = kmeans.fit(content, k, rng=rng, pool=pool, passes=passes)
            made.append(_Clustering(labels=found.labels, centroids=found.centroids))
    return _ensemble(content, votes, popularity, made or [_together(content)]), len(made)


@dataclass(frozen=True, kw_only=True)
class _Clustering:
    labels: Numbers
    centroids: Floats


def _together(content: Floats) -> _Clustering:
    return _Clustering(labels=np.zeros(len(content), dtype=np.int32), centroids=content.mean(axis=0, keepdims=True))


def _ensemble(content: Floats, votes: Floats, popularity: Floats, fits: Sequence[_Clustering]) -> Ensemble:
    seen = fits[min(SEEN * SEEDS, len(fits) - 1)]
    counts = votes.astype(np.float64) + 1.0
    widths = [len(one.centroids) for one in fits]
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]])
    return Ensemble(
        labels=np.stack([one.labels + start for one, start in zip(fits, starts, strict=True)]).astype(np.int32),
        shares=np.concatenate([_shares(one.labels, counts, k) for one, k in zip(fits, widths, strict=True)]),
        clusters=seen.labels,
        votes=counts.astype(np.float32),
        popularity=popularity,
        content=content,
        centroids=seen.centroids,
    )


def _shares(labels: Numbers, counts: np.ndarray, k: int) -> Floats:
    sums = np.bincount(labels, weights=counts, minlength=k)
    return np.asarray(sums / sums.sum(), dtype=np.float32)
