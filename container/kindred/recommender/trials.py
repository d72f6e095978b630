"""The answers that several λ and ρ give to the same questions, all viewers at once: for few items, all of them scored.

A score is linear in the history's weights, so for each λ all of them are one product with what all items pull.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kindred.recommender.blocks import Solution
from kindred.recommender.typing import Doubles, Numbers, Positions, Sparse

LAYERS = 8
LEAST = float(np.finfo(np.float64).min)
"""Below every score but that of what is left out."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Histories one after another: numbers int32 (m,) and edges int32 (count + 1,), where each begins; `items` in all.

    ranks float64 (m,): 1 is the newest of its history.
    """

    numbers: Numbers
    edges: Numbers
    ranks: Doubles
    items: int

    def weighted(self, recency: float) -> Sparse:
        """Return the histories' weights under ρ, csr float64 (count, items)."""
        shape = (len(self.edges) - 1, self.items)
        return sparse.csr_array((self.ranks**-recency, self.numbers, self.edges), shape=shape)


def asked(histories: Sequence[Numbers], *, items: int) -> Asked:
    """Return the histories, at least one, int32 item numbers, oldest first, without repeats."""
    edges = np.concatenate([[0], np.cumsum([len(one) for one in histories])]).astype(np.int32)
    ranks = np.repeat(edges[1:], np.diff(edges)) - np.arange(edges[-1])
    return Asked(numbers=np.concatenate(histories), edges=edges, ranks=ranks.astype(np.float64), items=items)


def ranking(given: Asked, solution: Solution, profiles: Doubles, *, recency: float, k: int) -> Positions:
    """Return the k best unseen items of each history, int64 (count, k), −1 where there are fewer; ties by number.

    solution: W and V float32 of all items; profiles: Φ float64 (items, d).
    """
    weights = given.weighted(recency)
    tastes = np.asarray(weights @ profiles, dtype=np.float32) @ solution.tastes.T
    scores = tastes + (weights @ solution.weights).toarray()
    scores[np.repeat(np.arange(len(scores)), np.diff(given.edges)), given.numbers] = -np.inf
    return _best(scores, k=k)


def _best(scores: Doubles, *, k: int) -> Positions:
    """The k best columns of each row, best first; −1 for those of −∞, which are left out."""
    rows, columns = np.nonzero(scores >= np.maximum(_floors(scores, k=k), LEAST))
    order = np.lexsort((-scores[rows, columns], rows))
    rows, columns = rows[order], columns[order]
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = places < k
    found: Positions = np.full((len(scores), k), -1, dtype=np.int64)
    found[rows[kept], places[kept]] = columns[kept]
    return found


def _floors(scores: Doubles, *, k: int) -> Doubles:
    """What k of each row reach, or a little less, float64 (rows, 1); −∞ where there are fewer.

    The best of a few columns stand for them: that is so many times fewer to look through.
    """
    layers = min(LAYERS, scores.shape[1] // k)
    if not layers:
        return np.full((len(scores), 1), -np.inf)
    width = scores.shape[1] // layers
    stand = scores[:, : layers * width].reshape(len(scores), layers, width).max(axis=1)
    floors: Doubles = np.partition(stand, width - k, axis=1)[:, width - k, None]
    return floors
