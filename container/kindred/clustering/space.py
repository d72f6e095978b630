"""The two spaces that clusters live in: Euclidean, and the unit sphere."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

# A few units in the last place of float32, squared.
ROUNDING = 1e-13

Metric = Literal["euclidean", "spherical"]


def points(rows: NDArray[np.float32], *, metric: Metric) -> NDArray[np.float32]:
    """Return the points of the space that the rows float32 (m, d) stand for: themselves, or scaled to unit length."""
    return rows if metric == "euclidean" else unit(rows)


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return rows scaled to length 1, float32 (m, d); rows of length 0 stay 0."""
    scaled: NDArray[np.float32] = rows / _lengths(rows)[:, None]
    return scaled


def rounding(rows: NDArray[np.float32], *, metric: Metric) -> float:
    """Return the squared distance up to which two of the rows' points may be one, rounded differently."""
    if metric == "spherical":
        return ROUNDING
    return ROUNDING * float(np.einsum("ij,ij->i", rows, rows).max())


Scoring = tuple[NDArray[np.float32], NDArray[np.float32]]
"""What `scoring` returns."""


def scoring(centroids: NDArray[np.float32]) -> Scoring:
    """Return an offset float32 (d,) and a matrix float32 (d + 1, k) that score points against centroids (k, d).

    [point - offset | 1] times the matrix is largest at the nearest centroid: it is x·c - |c|²/2, both from the mean
    centroid. Far from the origin, and on the sphere where all rows point one way, the plain x·c loses the digits that
    tell centroids apart.
    """
    offset = centroids.mean(axis=0, dtype=np.float64).astype(np.float32)
    apart = centroids - offset
    half_squares = np.einsum("ij,ij->i", apart, apart) / 2
    return offset, np.ascontiguousarray(np.column_stack([apart, -half_squares]).T)


def scorable(own: NDArray[np.float32], scored: Scoring) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return float32 matrices (m, d + 1) and (d + 1, k) whose product is the scores of points own (m, d)."""
    offset, against = scored
    ready = np.ones((own.shape[0], own.shape[1] + 1), dtype=np.float32)
    np.subtract(own, offset, out=ready[:, :-1])
    return ready, against


def _lengths(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return np.where(found == 0, np.float32(1), found)
