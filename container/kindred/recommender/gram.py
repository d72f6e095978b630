"""The weighted Gram matrix G = X'DX + α F F' through its products only; G itself is never formed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kindred.engine.pool import Pool
from kindred.engine.sums import total
from kindred.recommender.positives import scale_rows
from kindred.recommender.typing import Doubles, Floats, Positions, Sparse


@dataclass(frozen=True, kw_only=True)
class Gram:
    """G of n items. `columns` is √D X as csc float64 (users, n); `pseudo_users` √α F', float32 (f, n), or None."""

    columns: Sparse
    pseudo_users: Floats | None

    @property
    def diagonal(self) -> Doubles:
        """G_jj, float64 (n,)."""
        items = np.repeat(np.arange(self.columns.shape[1], dtype=np.int32), np.diff(self.columns.indptr))
        size = self.columns.shape[1]
        squares: Doubles = np.asarray(np.bincount(items, np.square(self.columns.data), size), dtype=np.float64)
        if self.pseudo_users is not None:
            squares += np.square(self.pseudo_users, dtype=np.float64).sum(axis=0)
        return squares

    def block(self, numbers: Positions) -> Doubles:
        """G restricted to these items, float64 (b, b)."""
        part = self.columns[:, numbers]
        block: Doubles = (part.T @ part).toarray()
        if self.pseudo_users is not None:
            pseudo = self.pseudo_users[:, numbers].astype(np.float64)
            block += pseudo.T @ pseudo
        return block


def gram(x: Sparse, weights: Doubles, *, content: Floats | None, content_weight: float) -> Gram:
    """Return G for X csr (users, n), w float64 (users,) and F float32 (n, f) or None."""
    pseudo = None if content is None else np.sqrt(np.float32(content_weight)) * content.T
    return Gram(columns=scale_rows(x, np.sqrt(weights)).tocsc().astype(np.float64), pseudo_users=pseudo)


def times(g: Gram, weighted_shards: Sequence[Sparse], profiles: Floats, *, pool: Pool) -> Doubles:
    """Return G Φ, float64 (n, d), as a sum over user shards of √D X, each csr float32 (users of the shard, n)."""

    def of_shard(shard: Sparse) -> tuple[Floats, ...]:
        return (shard.T @ (shard @ profiles),)

    product = total(of_shard, weighted_shards, pool=pool)[0]
    if g.pseudo_users is not None:
        product = product + g.pseudo_users.T.astype(np.float64) @ (g.pseudo_users @ profiles)
    return product
