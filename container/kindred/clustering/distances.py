"""The distances of rows to every centroid, with NumPy alone: what is answered where the nearest is not enough."""

import numpy as np
from numpy.typing import NDArray

MOST_NUMBERS = 1 << 21
"""Numbers that are held at a time, as float64 16 MiB."""


def distances(rows: NDArray[np.float32], centroids: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the Euclidean distance of each row to each centroid, not squared, float32 (n, k).

    rows float32 (n, d), centroids float32 (k, d), neither changed. To the nearest it is what `nearest` says.
    """
    lengths = np.empty((len(rows), len(centroids)), np.float32)
    step = max(1, MOST_NUMBERS // rows.shape[1])
    for i, row in enumerate(rows):
        for begin in range(0, len(centroids), step):
            # In float64, for which no float32 is too long to be squared.
            apart = (row - centroids[begin : begin + step]).astype(np.float64)
            lengths[i, begin : begin + step] = np.sqrt(np.einsum("ij,ij->i", apart, apart))
    return lengths
