"""What tells one set of vectors from another: a digest that no order of rows, files or shards can change."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kindred.data.splitmix import Hashes, mix

_ROWS = 1 << 14  # so the temporaries stay small beside the data


def digest(shards: Sequence[NDArray[np.float32]]) -> str:
    """Return 64 hexadecimal digits, equal for equal rows of shards float32 (n_i, d), whatever their order.

    A row is a 64-bit hash of its numbers' bits (multiply and add, then splitmix64; Steele, Lea & Flood 2014); hashes
    are summed modulo 2^64, and SHA-256 closes the sum, the number of rows and the width.
    """
    width = shards[0].shape[1] if shards else 0
    factors = _mixed(np.arange(1, width + 1, dtype=np.uint64)) | np.uint64(1)
    parts = [shard[begin : begin + _ROWS] for shard in shards for begin in range(0, len(shard), _ROWS)]
    total = sum(_total(part, factors) for part in parts) % 2**64
    return hashlib.sha256(repr((width, sum(map(len, shards)), total)).encode()).hexdigest()


def _total(rows: NDArray[np.float32], factors: NDArray[np.uint64]) -> int:
    # Adding zero makes one of the two zeros.
    bits = (rows + np.float32(0)).view(np.uint32).astype(np.uint64)
    return int(_mixed((_mixed(bits) * factors).sum(axis=1, dtype=np.uint64)).sum(dtype=np.uint64))


def _mixed(numbers: Hashes) -> Hashes:
    return mix(np.ones_like(numbers), numbers)
