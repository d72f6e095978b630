"""Two 64-bit hashes become one (splitmix64; Steele, Lea & Flood, "Fast splittable pseudorandom numbers", 2014)."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]


def mix(left: Hashes, right: Hashes) -> Hashes:
    """Return a hash of each pair, uint64, that depends on its order and on every bit; neither array is changed."""
    mixed = left * np.uint64(0x9E3779B97F4A7C15) + right
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
