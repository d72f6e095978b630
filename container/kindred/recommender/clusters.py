"""The two clusterings of the items: fine ones that bound the blocks, and coarse ones, the tastes, that people see."""

import numpy as np

from kindred.clustering import kmeans
from kindred.clustering.kmeans import Clusters
from kindred.engine.pool import Threads
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Floats

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


def of_blocks(space: Floats, settings: Settings, *, rng: np.random.Generator, pool: Threads) -> Clusters:
    """Cluster unit rows float32 (n, ·) into about n / items_per_cluster clusters, none much over size_cap × mean."""
    wanted = max(8, round(len(space) / settings.items_per_cluster))
    return _spherical(space, min(wanted, len(space)), settings, size_cap=settings.size_cap, rng=rng, pool=pool)


def of_tastes(embedding: Floats, settings: Settings, *, rng: np.random.Generator, pool: Threads) -> Clusters:
    """Cluster the embedding float32 (n, d) alone into the tastes: at most `settings.tastes`, at least 20 items each."""
    wanted = int(np.clip(len(embedding) // 20, 1, settings.tastes))
    return _spherical(unit_rows(embedding), wanted, settings, size_cap=None, rng=rng, pool=pool)


def _spherical(
    rows: Floats, k: int, settings: Settings, *, size_cap: float | None, rng: np.random.Generator, pool: Threads
) -> Clusters:
    return kmeans.fit(
        rows,
        k,
        rng=rng,
        pool=pool,
        metric="spherical",
        seeding="kmeans++" if k <= SEEDED_UP_TO else "random",
        passes=settings.passes,
        train_rows=TRAIN_ROWS_PER_CLUSTER * k,
        size_cap=size_cap,
    )
