"""One level of k-means beside two, on the items of the generated population: how far from the centroids, how long."""

import time

import numpy as np

from kindred.engine.pool import Threads
from kindred.recommender import clusters
from kindred.recommender import embedding as embeddings
from kindred.recommender.positives import user_shards
from kindred.recommender.settings import Settings

ITEMS_PER_CLUSTER = 10
"""Fewer than the model's 54, so that there are as many clusters as a catalogue of half a million items has."""


def compare(x, content):
    """Return, a way each, the clusters found, 1 − cos to the own centroid in the mean, and processor seconds."""
    settings, pool = Settings(items_per_cluster=ITEMS_PER_CLUSTER, size_cap=1e9), Threads(1)
    shards = user_shards(x, interactions=2_000_000)
    [found] = pool.map(lambda _: _embedded(shards, settings, pool), [0])
    space = clusters.block_space(found.rows, content, content_share=settings.content_share)
    ways = {"one level": len(space), "two levels": 1}
    return {name: _measured(space, settings, pool, least) for name, least in ways.items()}


def _embedded(shards, settings, pool):
    rng = np.random.default_rng(0)
    return embeddings.embed(shards, settings.width, power_passes=2, stride=3, rng=rng, pool=pool)


def _measured(space, settings, pool, least):
    before, clusters.TWO_LEVELS_FROM = clusters.TWO_LEVELS_FROM, least
    start = time.process_time()
    labels = clusters.of_blocks(space, settings, rng=np.random.default_rng(0), pool=pool)
    seconds = time.process_time() - start
    clusters.TWO_LEVELS_FROM = before
    sums = np.zeros((int(labels.max()) + 1, space.shape[1]))
    np.add.at(sums, labels, space)
    apart = 1 - np.einsum("nd,nd->n", space, clusters.unit_rows(sums)[labels])
    return {"clusters": len(sums), "apart": float(apart.mean()), "processor_seconds": seconds}
