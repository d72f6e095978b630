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
EXACT_UP_TO = 2_000_000
EXACT_PASSES, QUICK_PASSES = 8, 2
"""Of up to so many interactions eight power passes take a second or two, and find better tastes than two; see
docs/10-the-tables.md. Beyond that there are two, over every QUICK_STRIDE-th user: the last pass is over all of them.
"""
QUICK_STRIDE = 3
INDEPENDENT = 1e-9
"""Columns whose Gram matrix has a smaller share than this between its eigenvalues are made orthogonal the slow way."""
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
    shards: Sequence[Sparse],
    width: int,
    *,
    power_passes: int,
    rng: np.random.Generator,
    pool: Pool,
    stride: int = 1,
) -> Embedding:
    """Return the `width` leading right singular pairs of the matrix whose row shards these are.

    `shards` are csr float32 (users of the shard, items), not all zero; power_passes is 1 or more, over every stride-th
    user of a shard. Fewer pairs come back where the rank is lower: a direction that no viewer takes would let an item
    vouch for itself at no cost.
    """
    items = shards[0].shape[1]
    basis = start(items, width, rng=rng)
    seen = shards if stride == 1 else [shard[::stride] for shard in shards]
    for _ in range(power_passes):
        sketch = _gram_times(seen, basis, pool=pool)
        basis = _orthogonal(sketch) if stride == 1 else _whitened(sketch)
    image = _gram_times(shards, basis, pool=pool)
    values, vectors = np.linalg.eigh(_symmetric(basis.T @ image))
    order = np.argsort(values)[::-1][: min(width, items)]
    strengths = np.sqrt(np.maximum(values[order], 0.0))
    order, strengths = order[strengths > WEAKEST * strengths[0]], strengths[strengths > WEAKEST * strengths[0]]
    return Embedding(directions=basis @ vectors[:, order], strengths=strengths)


def passes_for(interactions: int) -> int:
    """Return how many power passes pay for so many interactions."""
    return EXACT_PASSES if interactions <= EXACT_UP_TO else QUICK_PASSES


def stride_for(interactions: int) -> int:
    """Return which users the power passes are over: every one, or every so-manieth."""
    return 1 if interactions <= EXACT_UP_TO else QUICK_STRIDE


def start(items: int, width: int, *, rng: np.random.Generator) -> Doubles:
    """Return the random basis float64 (items, ·) that `embed` starts from: all the chance that it takes from `rng`."""
    return rng.standard_normal((items, min(items, width + OVERSAMPLING)))


def _gram_times(shards: Sequence[Sparse], basis: Doubles, *, pool: Pool) -> Doubles:
    narrow = basis.astype(np.float32)

    def of_shard(shard: Sparse) -> tuple[NDArray[np.float32], ...]:
        return (shard.T @ (shard @ narrow),)

    return total(of_shard, shards, pool=pool)[0]


def _orthogonal(sketch: Doubles) -> Doubles:
    return np.asarray(qr(sketch, mode="economic", check_finite=False)[0], dtype=np.float64)


def _whitened(sketch: Doubles) -> Doubles:
    """The same space as `_orthogonal`, through the small Gram matrix of the columns where these are independent."""
    values, vectors = np.linalg.eigh(_symmetric(sketch.T @ sketch))
    if values[0] < INDEPENDENT * values[-1]:
        return _orthogonal(sketch)
    found: Doubles = sketch @ (vectors / np.sqrt(values))
    return found


def _symmetric(matrix: Doubles) -> Doubles:
    return (matrix + matrix.T) / 2
