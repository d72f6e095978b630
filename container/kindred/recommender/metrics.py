"""How good ranked lists are, one figure a user, so that two models can be compared user by user.

`ranked` is int (users, K): item numbers, best first, no item twice in a row, −1 in the places a shorter list leaves.
`targets` is one int array a user: the distinct items held out, at least one. A list shorter than k is judged as it is.
Every function that returns a figure a user returns float64 (users,) and raises Bug when the two do not match.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kindred.errors import Bug

Ranked = NDArray[np.integer]
Targets = Sequence[NDArray[np.integer]]
PerUser = NDArray[np.float64]


def recall(ranked: Ranked, targets: Targets, *, k: int) -> PerUser:
    """Return hits / min(k, targets), 1 where the list is as good as it can be (Liang et al. 2018)."""
    found: PerUser = _hits(ranked, targets, k).sum(axis=1, dtype=np.float64)
    return found / np.minimum(_counts(targets), k)


def ndcg(ranked: Ranked, targets: Targets, *, k: int) -> PerUser:
    """Return the sum of 1 / log2(1 + place) over the hits, divided by that of the ideal list (Järvelin et al. 2002)."""
    discounts: PerUser = 1 / np.log2(np.arange(2, k + 2))
    ideal: PerUser = np.cumsum(discounts)[np.minimum(_counts(targets), k) - 1]
    found = _hits(ranked, targets, k)
    gain: PerUser = found @ discounts[: found.shape[1]]
    return gain / ideal


def hit_rate(ranked: Ranked, targets: Targets, *, k: int) -> PerUser:
    """Return 1 where at least one target is among the first k, else 0."""
    return np.where(reciprocal_rank(ranked, targets, k=k) > 0, 1.0, 0.0)


def reciprocal_rank(ranked: Ranked, targets: Targets, *, k: int) -> PerUser:
    """Return 1 / place of the first hit among the first k, 0 without one; its mean is MRR@k."""
    found = _hits(ranked, targets, k)
    return np.where(found.any(axis=1), 1.0 / (1 + found.argmax(axis=1)), 0.0)


def diversity(ranked: Ranked, rows: NDArray[np.floating], *, k: int) -> PerUser:
    """Return the mean of 1 − cosine over the pairs of the first k items (Ziegler et al. 2005), 0 below two items.

    `rows`, float (items, f), describes the items; a row of zeros is unlike everything.
    """
    top = ranked[:, :k]
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    units = np.divide(rows, norms, out=np.zeros(rows.shape), where=norms > 0)
    listed = np.where((top >= 0)[:, :, None], units[top], 0.0)
    lengths = (top >= 0).sum(axis=1)
    likeness = (listed.sum(axis=1) ** 2).sum(axis=1) - (listed**2).sum(axis=(1, 2))
    pairs = lengths * (lengths - 1)
    return np.where(pairs > 0, 1 - likeness / np.maximum(pairs, 1), 0.0)


def coverage(ranked: Ranked, *, items: int, k: int) -> float:
    """Return the share of the catalogue of `items` that stands among the first k of at least one list."""
    top = ranked[:, :k]
    return np.unique(top[top >= 0]).size / items


def _hits(ranked: Ranked, targets: Targets, k: int) -> NDArray[np.bool_]:
    counts = _counts(targets)
    if ranked.ndim != 2 or len(ranked) != len(targets) or k < 1 or not counts.all():
        raise Bug(f"{ranked.shape} ranked items cannot be judged at {k} by {len(targets)} lists of at least one target")
    if not len(targets):
        return np.zeros((0, min(k, ranked.shape[1])), dtype=np.bool_)
    top = ranked[:, :k].astype(np.int64)
    wanted = np.concatenate(targets).astype(np.int64)
    span = max(int(wanted.max()), int(top.max(initial=0))) + 1
    owners = np.arange(len(targets)) * span
    return np.isin(top + owners[:, None], wanted + np.repeat(owners, counts)) & (top >= 0)


def _counts(targets: Targets) -> NDArray[np.int64]:
    return np.fromiter(map(len, targets), dtype=np.int64, count=len(targets))
