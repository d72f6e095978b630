"""A randomised singular value decomposition in which every pass over the data is a sum over user shards.

Halko, Martinsson & Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithm 4.4 on M'M.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr

from kindred.engine.pool import Pool
from kindred.engine.sums import total
from kindred.recommender.typing import Doubles, Floats, Sparse

OVERSAMPLING = 10
WEAKEST = 1e-3
"""A direction of less than this share of the strongest is rounding of float32, not taste."""


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """The right singular vectors `directions` float64 (items, d) and `strengths` float64 (d,), largest first."""

    directions: Doubles
    strengths: Doubles

    @property
    def rows(self) -> Floats:
        """E = V S, float32 (items, d): the space in which items are clustered."""
        return (self.directions * self.strengths).astype(np.float32)


def embed(
    shards: Sequence[Sparse], width: int, *, power_passes: int, rng: np.random.Generator, pool: Pool
) -> Embedding:
    """Return the `width` leading right singular pairs of the matrix whose row shards these are.

    `shards` are csr float32 (users of the shard, items), not all zero; power_passes is 1 or more. Fewer pairs come back
    where the rank is lower: a direction that no viewer takes would let an item vouch for itself at no cost.
    """
    items = shards[0].shape[1]
    basis = start(items, width, rng=rng)
    for _ in range(power_passes):
        sketch = _gram_times(shards, basis, pool=pool)
        basis = np.asarray(qr(sketch, mode="economic", check_finite=False)[0], dtype=np.float64)
    image = _gram_times(shards, basis, pool=pool)
    values, vectors = np.linalg.eigh(_symmetric(basis.T @ image))
    order = np.argsort(values)[::-1][: min(width, items)]
    strengths = np.sqrt(np.maximum(values[order], 0.0))
    order, strengths = order[strengths > WEAKEST * strengths[0]], strengths[strengths > WEAKEST * strengths[0]]
    return Embedding(directions=basis @ vectors[:, order], strengths=strengths)


def start(items: int, width: int, *, rng: np.random.Generator) -> Doubles:
    """Return the random basis float64 (items, ·) that `embed` starts from: all the chance that it takes from `rng`."""
    return rng.standard_normal((items, min(items, width + OVERSAMPLING)))


def _gram_times(shards: Sequence[Sparse], basis: Doubles, *, pool: Pool) -> Doubles:
    narrow = basis.astype(np.float32)

    def of_shard(shard: Sparse) -> tuple[NDArray[np.float32], ...]:
        return (shard.T @ (shard @ narrow),)

    return total(of_shard, shards, pool=pool)[0]


def _symmetric(matrix: Doubles) -> Doubles:
    return (matrix + matrix.T) / 2
