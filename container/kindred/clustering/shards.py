"""Rows that lie in several arrays, one behind another."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]

UNIQUE_ROWS = 1 << 14
"""Rows that are compared at a time, at least."""


def count(shards: Sequence[Rows]) -> int:
    """Return the number of rows of all shards (n_i, d)."""
    return sum(len(shard) for shard in shards)


def take(shards: Sequence[Rows], numbers: NDArray[np.int64]) -> Rows:
    """Return copies of the rows of these numbers, float32 (m, d), in order of their numbers; rows count over shards."""
    wanted = np.sort(numbers)
    ends = np.cumsum([len(shard) for shard in shards])
    cuts = np.searchsorted(wanted, ends)
    parts = [
        shard[wanted[begin:end] - (last - len(shard))]
        for shard, begin, end, last in zip(shards, [0, *cuts[:-1]], cuts, ends, strict=True)
        if end > begin
    ]
    return np.concatenate(parts) if parts else shards[0][:0]


def sample(shards: Sequence[Rows], size: int, *, rng: np.random.Generator) -> Rows:
    """Return at most `size` random rows, float32 (m, d), none twice."""
    rows = count(shards)
    return take(shards, rng.choice(rows, min(size, rows), replace=False))


def batches(shards: Sequence[Rows], size: int, *, rng: np.random.Generator) -> Iterator[Rows]:
    """Yield every row once, at random, `size` rows at a time; the last batch may be smaller."""
    order = rng.permutation(count(shards))
    for begin in range(0, len(order), size):
        yield take(shards, order[begin : begin + size])


def different(shards: Sequence[Rows], most: int) -> Rows:
    """Return rows of different value, float32 (m, d): at most `most`, fewer where no more differ."""
    found, step = shards[0][:0], max(most, UNIQUE_ROWS)
    for shard in shards:
        for begin in range(0, len(shard), step):
            if len(found) >= most:
                return found[:most]
            found = np.unique(np.concatenate([found, shard[begin : begin + step]]), axis=0)
    return found[:most]
