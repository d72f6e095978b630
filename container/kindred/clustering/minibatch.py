"""Mini-batch k-means: centres that every batch moves a little, by how many rows each has seen (Sculley 2010)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.assignment import means
from kindred.engine.pool import Pool


@dataclass(frozen=True, kw_only=True)
class Centres:
    """Centres on their way: centroids float32 (K, d), and weights float64 (K,), how many rows each stands for."""

    centroids: NDArray[np.float32]
    weights: NDArray[np.float64]


def begun(centroids: NDArray[np.float32]) -> Centres:
    """Return centres that stand for no row yet: the first rows of each take its place."""
    return Centres(centroids=centroids, weights=np.zeros(len(centroids)))


def moved(centres: Centres, batch: NDArray[np.float32], *, pool: Pool, half_life: int = 0) -> Centres:
    """Return the centres after a batch of rows float32 (m, d), m at least 1; the given ones are not changed.

    A centre moves by p towards the mean of the batch's rows that are nearest to it, p their share among all rows that
    it stands for. After `half_life` further rows a row counts half; 0 is no decay.
    """
    kept = centres.weights * (0.5 ** (len(batch) / half_life) if half_life else 1.0)
    fresh, sizes = means(batch, centres.centroids, pool=pool)
    weights = kept + sizes
    share = sizes / np.where(weights == 0, 1, weights)
    centroids = centres.centroids + share[:, None] * (fresh - centres.centroids)
    return Centres(centroids=centroids.astype(np.float32), weights=weights)
