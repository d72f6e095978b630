"""How far clusters scatter and stand apart, read off a single sweep: figures that no greater k alone improves."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.assignment import Sweep

BLOCK = 1024
"""Centroids that are compared with all others at a time."""


@dataclass(frozen=True, kw_only=True)
class Dispersion:
    """Clusters that have rows, k of them in d dimensions: their means float64 (k, d), their sizes float64 (k,), and the
    sums of squared distances of their rows from those means, float64 (k,).
    """

    means: NDArray[np.float64]
    sizes: NDArray[np.float64]
    within: NDArray[np.float64]


def dispersion(found: Sweep, centroids: NDArray[np.float32]) -> Dispersion:
    """Return how the rows of a sweep scatter about their own means, which need not be the centroids (k, d) swept."""
    some = found.sizes > 0
    sizes = found.sizes[some].astype(np.float64)
    means = found.sums[some] / sizes[:, None]
    shifts = np.square(centroids[some] - means).sum(axis=1)
    return Dispersion(means=means, sizes=sizes, within=np.maximum(found.squares[some] - sizes * shifts, 0))


def calinski_harabasz(spread: Dispersion) -> float:
    """Return the variance between the clusters over that within, per degree of freedom; more is better.

    NaN where there is nothing to compare: one cluster, or one for each row, or no scatter (Caliński & Harabasz 1974).
    """
    n, k = spread.sizes.sum(), len(spread.sizes)
    within = spread.within.sum()
    if k < 2 or n <= k or within == 0:
        return math.nan
    mean = spread.sizes @ spread.means / n
    between = spread.sizes @ np.square(spread.means - mean).sum(axis=1)
    return float(between / (k - 1) / (within / (n - k)))


def davies_bouldin(spread: Dispersion) -> float:
    """Return how alike the most alike clusters are, (sᵢ + sⱼ) / mᵢⱼ on average; less is better, NaN for one cluster.

    s is a cluster's root mean squared distance from its mean, m the distance of two means: q = p = 2 of Davies &
    Bouldin (1979), where scikit-learn takes q = 1. Infinite where two means are one.
    """
    k = len(spread.sizes)
    if k < 2:
        return math.nan
    scatter = np.sqrt(spread.within / spread.sizes)
    worst = [_worst(spread.means, scatter, slice(start, start + BLOCK)) for start in range(0, k, BLOCK)]
    return float(np.concatenate(worst).mean())


def bic(spread: Dispersion) -> float:
    """Return the Bayesian information criterion of a mixture of equal round Gaussians; less is better.

    As for X-means (Pelleg & Moore 2000), the sign turned: k (d + 1) parameters cost ln n each, and are worth twice the
    likelihood. NaN where a cluster for each row, or no scatter, leaves no variance to estimate.
    """
    n, (k, d) = spread.sizes.sum(), spread.means.shape
    within = spread.within.sum()
    if n <= k or within == 0:
        return math.nan
    variance = within / (d * (n - k))
    shares = spread.sizes @ np.log(spread.sizes / n)
    likelihood = shares - n * d / 2 * math.log(2 * math.pi * variance) - d * (n - k) / 2
    return float(k * (d + 1) * math.log(n) - 2 * likelihood)


def _worst(means: NDArray[np.float64], scatter: NDArray[np.float64], block: slice) -> NDArray[np.float64]:
    own = means[block]
    offset = means.mean(axis=0)  # far from the origin, squares would drown the distances
    left, right = own - offset, means - offset
    squares = np.square(left).sum(axis=1)[:, None] + np.square(right).sum(axis=1) - 2 * left @ right.T
    every = np.arange(len(own))
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = (scatter[block, None] + scatter) / np.sqrt(np.maximum(squares, 0))
    alike[every, block.start + every] = -np.inf
    worst: NDArray[np.float64] = np.nan_to_num(alike, nan=0.0, posinf=np.inf, neginf=-np.inf).max(axis=1)
    return worst
