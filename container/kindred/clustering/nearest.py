"""The nearest centroid of rows, with NumPy alone: what answers requests."""

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.space import Scoring, scorable, scoring

MOST_SCORES = 1 << 22
"""Scores of rows against centroids that are held at a time: 16 MiB."""


def nearest(
    rows: NDArray[np.float32], centroids: NDArray[np.float32], *, scored: Scoring | None = None
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return each row's nearest centroid, int32 (n,), and its Euclidean distance, not squared, float32 (n,).

    rows float32 (n, d), centroids float32 (k, d), neither changed. Who asks often makes `scored`, the scoring of these
    centroids, once.
    """
    scored = scored or scoring(centroids)
    step = max(1, MOST_SCORES // len(centroids))
    if len(rows) <= step:
        found = _labels(rows, scored)
        return found.astype(np.int32), _lengths(rows - centroids[found])
    labels, distances = np.empty(len(rows), np.int32), np.empty(len(rows), np.float32)
    for begin in range(0, len(rows), step):
        part = slice(begin, begin + step)
        labels[part] = _labels(rows[part], scored)
        distances[part] = _lengths(rows[part] - centroids[labels[part]])
    return labels, distances


def _labels(rows: NDArray[np.float32], scored: Scoring) -> NDArray[np.int64]:
    labels: NDArray[np.int64] = np.matmul(*scorable(rows, scored)).argmax(axis=1)
    return labels


def _lengths(apart: NDArray[np.float32]) -> NDArray[np.float32]:
    # In float64, for which no float32 is too long to be squared.
    wide = apart.astype(np.float64)
    lengths: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    return lengths.astype(np.float32)
