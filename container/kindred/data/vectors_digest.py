"""What tells one set of vectors from another: a digest that no order of rows, files or shards can change."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from kindred.data.splitmix import Hashes, mix


def closed(count: int, width: int, *, total: int) -> str:
    """Return the digest, 64 hexadecimal digits, of `count` rows of `width` numbers whose hashes sum up to `total`.

    A row is a 64-bit hash of its numbers' bits (multiply and add, then splitmix64; Steele, Lea & Flood 2014); hashes
    are summed modulo 2^64, and SHA-256 closes the sum, the number of rows and the width.
    """
    return hashlib.sha256(repr((width, count, total % 2**64)).encode()).hexdigest()


def added(rows: NDArray[np.float32]) -> int:
    """Return what rows float32 (m, d), a few at a time, add to the sum of the hashes."""
    factors = _mixed(np.arange(1, rows.shape[1] + 1, dtype=np.uint64)) | np.uint64(1)
    # Adding zero makes one of the two zeros.
    bits = (rows + np.float32(0)).view(np.uint32).astype(np.uint64)
    return int(_mixed((_mixed(bits) * factors).sum(axis=1, dtype=np.uint64)).sum(dtype=np.uint64))


def _mixed(numbers: Hashes) -> Hashes:
    return mix(np.ones_like(numbers), numbers)
