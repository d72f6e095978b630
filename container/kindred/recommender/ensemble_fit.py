"""The fit of the ensemble: twelve k-means of the metadata, few clusters to many, and votes to weigh them by."""

import numpy as np

from kindred.clustering import kmeans
from kindred.engine.pool import Threads
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.typing import Floats, Numbers

SIZES = ((16, 20), (48, 10), (128, 5))
"""Clusters, and how many items each must be able to have: a small catalogue gets fewer, still coarse and fine."""

SEEDS = 4
SEEN = 1
"""Which of SIZES people see the clusters of."""


def fit(
    content: Floats, votes: Floats, *, popularity: Floats, rng: np.random.Generator, pool: Threads, passes: int = 25
) -> Ensemble:
    """Return the ensemble of F float32 (n, f) and votes float32 (n,), ≥ 0; votes only weigh, they never cluster."""
    sizes = [min(len(content), max(2, min(most, len(content) // each))) for most, each in SIZES]
    fits = [kmeans.fit(content, k, rng=rng, pool=pool, passes=passes) for k in sizes for _ in range(SEEDS)]
    seen = fits[SEEN * SEEDS]
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
