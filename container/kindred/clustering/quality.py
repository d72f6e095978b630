"""How good clusters are, told without labels."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics.pairwise import euclidean_distances

from kindred.clustering.space import Metric, points

SAMPLE_ROWS = 4096


def silhouette(
    rows: NDArray[np.float32],
    labels: NDArray[np.int32],
    centroids: NDArray[np.float32],
    *,
    rng: np.random.Generator,
    metric: Metric = "euclidean",
    sample_rows: int = SAMPLE_ROWS,
) -> float:
    """Return the mean simplified silhouette of at most `sample_rows` random rows, -1 to 1; 0 for a single cluster.

    A row's is (b - a) / max(a, b), a its distance from its own centroid and b from the nearest other (Hruschka,
    de Castro & Campello 2004). Centroids, not pairs of rows: a sample holds too few rows of each of many clusters.
    """
    if len(centroids) < 2:
        return 0.0
    sample = rng.choice(len(rows), min(sample_rows, len(rows)), replace=False)
    apart = euclidean_distances(points(rows[sample], metric=metric), points(centroids, metric=metric))
    every = np.arange(len(sample))
    own = apart[every, labels[sample]]
    apart[every, labels[sample]] = np.inf
    other = apart.min(axis=1)
    larger = np.maximum(own, other)
    return float(np.mean((other - own) / np.where(larger == 0, 1, larger)))
