"""From events to the matrix X: users × items, 1 where the user liked the item."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy import sparse

from kindred.recommender.typing import Doubles, Numbers, Sparse


def matrix(users: Numbers, items: Numbers, *, shape: tuple[int, int]) -> Sparse:
    """Return X, csr float32 of `shape`, holding 1 for every pair that occurs; repeated pairs count once."""
    ones = np.ones(len(users), dtype=np.float32)
    x = sparse.csr_array((ones, (users, items)), shape=shape)
    x.sum_duplicates()
    x.data[:] = 1.0
    return x


def user_weights(x: Sparse, *, damping: float) -> Doubles:
    """Return w, float64 (users,), mean 1 over users with items: n_u^-damping, 0 for users without."""
    counts = np.diff(x.indptr).astype(np.float64)
    weights: Doubles = np.maximum(counts, 1.0) ** -damping
    weights[counts == 0] = 0.0
    active = max(int(np.count_nonzero(counts)), 1)
    weights *= active / max(float(weights.sum()), 1e-12)
    return weights


def scale_rows(x: Sparse, factors: Doubles) -> Sparse:
    """Return diag(factors) X as csr float32; X is not touched."""
    data = x.data * np.repeat(factors.astype(np.float32), np.diff(x.indptr))
    return sparse.csr_array((data, x.indices, x.indptr), shape=x.shape)


def user_shards(x: Sparse, *, interactions: int) -> Sequence[Sparse]:
    """Cut X between users into shards of about so many interactions; their order is that of the rows."""
    shards = max(1, round(x.nnz / interactions))
    cuts = np.searchsorted(x.indptr, np.linspace(0, x.nnz, shards + 1)[1:-1])
    edges = np.unique(np.concatenate([[0], cuts, [x.shape[0]]]))
    return [x[a:b] for a, b in pairwise(edges.tolist())]
