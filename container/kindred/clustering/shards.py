"""Chance over shards: random rows, and batches in random order."""

from collections.abc import Iterator

import numpy as np

from kindred.engine.shards import Rows, Shards


def sample(shards: Shards, size: int, *, rng: np.random.Generator) -> Rows:
    """Return at most `size` random rows, float32 (m, d), none twice."""
    return shards.take(rng.choice(shards.count, min(size, shards.count), replace=False))


def batches(shards: Shards, size: int, *, rng: np.random.Generator) -> Iterator[Rows]:
    """Yield every row once, at random, `size` rows at a time; the last batch may be smaller."""
    order = rng.permutation(shards.count)
    for begin in range(0, len(order), size):
        yield shards.take(order[begin : begin + size])
