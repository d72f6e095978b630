"""Chance over shards: random rows, and batches in random order."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kindred.engine.shards import Rows, Shards

WINDOW_CELLS = 1 << 24
"""Numbers that are shuffled at a time, 64 MiB: what is larger is not read row by row from all over a disk."""
BLOCK_CELLS = 1 << 16
"""Numbers of rows that lie side by side and are read together there: 256 KiB."""


def sample(shards: Shards, size: int, *, rng: np.random.Generator) -> Rows:
    """Return at most `size` random rows, float32 (m, d), none twice."""
    return shards.take(rng.choice(shards.count, min(size, shards.count), replace=False))


def batches(shards: Shards, size: int, *, rng: np.random.Generator, begun: int = 0) -> Iterator[Rows]:
    """Yield every row once, at random, `size` rows at a time, but for the first `begun` batches; the last may be
    smaller.

    Of more than WINDOW_CELLS numbers, blocks of rows side by side come in random order, and the rows of as many blocks
    as fill a window are shuffled: memory is that of a window, or of a batch where that is larger.
    """
    if shards.count * shards.width > WINDOW_CELLS:
        yield from _windows(shards, size, rng=rng, begun=begun)
        return
    order = rng.permutation(shards.count)
    for begin in range(begun * size, len(order), size):
        yield shards.take(order[begin : begin + size])


def _windows(shards: Shards, size: int, *, rng: np.random.Generator, begun: int) -> Iterator[Rows]:
    block = max(1, BLOCK_CELLS // shards.width)
    starts = block * rng.permutation(-(-shards.count // block))
    ends = np.cumsum(np.minimum(block, shards.count - starts))
    most = size * max(1, WINDOW_CELLS // (size * shards.width))
    # A stream of chance for each window: who begins in a later one does not draw for those before.
    seed = int(rng.integers(2**63))
    for number in range(begun * size // most, -(-shards.count // most)):
        places = np.arange(number * most, min((number + 1) * most, shards.count))
        rows = shards.take(_numbers(places, starts, ends))
        order = np.random.default_rng([seed, number]).permutation(len(rows))
        for begin in range(max(begun * size - number * most, 0), len(rows), size):
            yield rows[order[begin : begin + size]]


def _numbers(places: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of the rows at these places of the blocks' order."""
    of = np.searchsorted(ends, places, side="right")
    numbers: NDArray[np.int64] = starts[of] + places - np.concatenate([[0], ends])[of]
    return numbers
