"""The items laid out on a plane, so that people can look at the clusters."""

import numpy as np

from kindred.recommender.clusters import unit_rows
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.model import Model
from kindred.recommender.typing import Floats, Numbers, Positions

SCATTER = np.uint64(2_654_435_761)
"""2³² / golden ratio, a prime: multiples of it spread evenly over 32 bits (Knuth, vol. 3, 6.4)."""


def space(model: Model | Ensemble, numbers: Positions) -> Floats:
    """Return these items, int64 (m,), as rows float32 (m, ·) of the space in which the clusters people see were found.

    It is unit rows of Φ∘S where viewers were learnt from, and the features where there was only metadata.
    """
    if isinstance(model, Ensemble):
        return model.content[numbers]
    return unit_rows(model.profiles[numbers] * model.strengths)


def drawn(clusters: Numbers, popularity: Floats, *, most: int) -> Positions:
    """Return the most popular items that have a cluster, int64, at most so many, best first.

    Items of equal popularity come from all over the catalogue, the same ones every time.
    """
    placed = np.flatnonzero(clusters >= 0)
    scattered = placed.astype(np.uint64) * SCATTER % np.uint64(2**32)
    order = np.lexsort((scattered, -popularity[placed].astype(np.float64)))
    return placed[order[:most]]


def plane(rows: Floats) -> Floats:
    """Return the two principal components of the rows float32 (n, d) as float32 (n, 2), the mean at zero.

    Along each axis the row farthest from zero lies on the positive side; an axis the rows do not have is zeros.
    """
    found = np.zeros((len(rows), 2), dtype=np.float32)
    if not rows.size:
        return found
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    left, strengths, _ = np.linalg.svd(centred, full_matrices=False)
    axes = (left * strengths)[:, :2]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    found[:, : axes.shape[1]] = axes
    return found
