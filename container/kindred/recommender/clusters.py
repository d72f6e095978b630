"""The two clusterings of the items: fine ones that bound the blocks, and coarse ones, the tastes, that people see."""

import numpy as np

from kindred.clustering import kmeans
from kindred.clustering.kmeans import Clusters
from kindred.clustering.splitting import split_oversized
from kindred.engine.pool import Threads
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Floats, Numbers

TRAIN_ROWS_PER_CLUSTER = 256
SEEDED_UP_TO = 2048
"""k-means++ costs as much as k passes; above so many clusters random rows do as well."""


def unit_rows(rows: Floats) -> Floats:
    """Return the rows at length one, float32; rows of zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def block_space(embedding: Floats, content: Floats | None, *, content_share: float) -> Floats:
    """Return unit rows float32 (n, d + f) in which the blocks are clustered: viewers first, metadata beside."""
    rows = unit_rows(embedding)
    if content is None:
        return rows
    return unit_rows(np.hstack([rows, content_share * unit_rows(content)]))


def of_blocks(space: Floats, settings: Settings, *, rng: np.random.Generator, pool: Threads) -> Numbers:
    """Return labels int32 (n,) of unit rows float32 (n, ·) in about n / items_per_cluster clusters.

    None is larger than size_cap × the mean of as many clusters as were wanted, rows of equal value too.
    """
    wanted = min(max(8, round(len(space) / settings.items_per_cluster)), len(space))
    found = _spherical(space, wanted, settings, rng=rng, pool=pool)
    # The mean of those found would not bound anything where few rows are distinct: then few are found.
    most = max(1, int(settings.size_cap * len(space) / wanted))
    return split_oversized(space, found.labels, found.centroids, most=most, pool=pool, metric="spherical")[0]


def of_tastes(embedding: Floats, settings: Settings, *, rng: np.random.Generator, pool: Threads) -> Clusters:
    """Cluster the embedding float32 (n, d) alone into the tastes: at most `settings.tastes`, about 20 items
    each at least; two where there are fewer items than that.
    """
    wanted = min(max(len(embedding) // 20, 2), settings.tastes, len(embedding))
    return _spherical(unit_rows(embedding), wanted, settings, rng=rng, pool=pool)


def _spherical(rows: Floats, k: int, settings: Settings, *, rng: np.random.Generator, pool: Threads) -> Clusters:
    return kmeans.fit(
        rows,
        k,
        rng=rng,
        pool=pool,
        metric="spherical",
        seeding="kmeans++" if k <= SEEDED_UP_TO else "random",
        passes=settings.passes,
        train_rows=TRAIN_ROWS_PER_CLUSTER * k,
    )
