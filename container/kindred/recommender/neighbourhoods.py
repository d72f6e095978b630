"""Which items a block looks at: its cluster, filled up with the nearest items from outside."""

from collections.abc import Sequence

import numpy as np

from kindred.engine.pool import Pool
from kindred.recommender.blocks import Block
from kindred.recommender.typing import Floats, Numbers, Positions

REACH = 10
"""Outside items are sought among this many times as many as are needed, in the clusters nearest to the block."""


def blocks(rows: Floats, labels: Numbers, centroids: Floats, *, size: int, pool: Pool) -> Sequence[Block]:
    """Return a block for every cluster that has members, `size` items wide or as wide as its cluster.

    rows float32 (n, d), unit length; labels int32 (n,); centroids float32 (k, d), unit length. Nearest is by cosine
    to the cluster's centroid; ties fall to the lower number.
    """
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(len(centroids) + 1))
    clusters = [order[starts[k] : starts[k + 1]] for k in range(len(centroids))]

    def of_cluster(k: int) -> Block:
        outside = _outside(k, rows, centroids, clusters, wanted=size - len(clusters[k]))
        return Block(members=clusters[k], numbers=np.concatenate([clusters[k], outside]))

    return pool.map(of_cluster, [k for k in range(len(centroids)) if len(clusters[k])])


def _outside(k: int, rows: Floats, centroids: Floats, clusters: Sequence[Positions], *, wanted: int) -> Positions:
    if wanted <= 0:
        return np.empty(0, dtype=np.int64)
    nearest = np.argsort(-(centroids @ centroids[k]), kind="stable")
    candidates: list[Positions] = []
    found = 0
    for other in nearest:
        if other == k:
            continue
        candidates.append(clusters[other])
        found += len(clusters[other])
        if found >= REACH * wanted:
            break
    if not found:
        return np.empty(0, dtype=np.int64)
    pool = np.sort(np.concatenate(candidates))
    return pool[np.argsort(-(rows[pool] @ centroids[k]), kind="stable")[:wanted]]
