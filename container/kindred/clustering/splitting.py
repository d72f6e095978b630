"""Clusters cut in two until none is too large."""

from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.space import Metric, points, unit
from kindred.engine.pool import Pool

PASSES = 10
POWER_STEPS = 3
# A cut that leaves less than this share on one side hardly shrinks the other: cut at the median instead.
SMALLEST_SHARE = 1 / 8


def split_oversized(
    rows: NDArray[np.float32],
    labels: NDArray[np.int32],
    centroids: NDArray[np.float32],
    *,
    most: int,
    pool: Pool,
    metric: Metric = "euclidean",
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return labels int32 (n,) and centroids float32 (k', d), k' >= k, of clusters none of which has over `most` rows.

    Clusters within `most` (1 or more) are as they were. A larger one is cut by 2-means, its parts again, rows of equal
    value too; its first part keeps the label, the others take labels from k on. Inputs are not changed.
    """
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(len(centroids) + 1))
    large = [label for label, (start, end) in enumerate(pairwise(bounds)) if end - start > most]
    members = [order[bounds[label] : bounds[label + 1]] for label in large]
    new_labels, new_centroids = labels.copy(), list(centroids)
    for label, parts in zip(large, pool.map(partial(_parts, rows, most, metric), members), strict=True):
        for number, (part, centroid) in enumerate(parts):
            if number == 0:
                new_centroids[label] = centroid
                continue
            new_labels[part] = len(new_centroids)
            new_centroids.append(centroid)
    return new_labels, np.stack(new_centroids)


def _parts(
    rows: NDArray[np.float32], most: int, metric: Metric, members: NDArray[np.int64]
) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    done, waiting = [], [members]
    while waiting:
        part = waiting.pop()
        own = points(rows[part], metric=metric)
        if len(part) > most:
            side = _halves(own)
            waiting += [part[side], part[~side]]
            continue
        centroid = own.mean(axis=0, dtype=np.float64).astype(np.float32)
        done.append((part, points(centroid[None], metric=metric)[0]))
    return done


def _halves(own: NDArray[np.float32]) -> NDArray[np.bool_]:
    apart = own - own.mean(axis=0)
    side, height = _two_means(apart, apart @ _principal(apart))
    if SMALLEST_SHARE <= side.mean() <= 1 - SMALLEST_SHARE:
        return side
    side = np.zeros(len(own), dtype=np.bool_)
    side[np.argsort(height, kind="stable")[: len(own) // 2]] = True
    return side


def _principal(apart: NDArray[np.float32]) -> NDArray[np.float32]:
    direction: NDArray[np.float32] = apart[np.einsum("ij,ij->i", apart, apart).argmax()]
    for _ in range(POWER_STEPS):
        direction = unit(((apart @ direction) @ apart).astype(np.float32)[None])[0]
    return direction


def _two_means(
    apart: NDArray[np.float32], height: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    side = height > 0
    for _ in range(PASSES):
        if side.all() or not side.any():
            break
        one, other = apart[side].mean(axis=0), apart[~side].mean(axis=0)
        height = apart @ (one - other) - (one @ one - other @ other) / 2
        before, side = side, height > 0
        if (before == side).all():
            break
    return side, height
