"""The head: the items that taste alone may bring up, beside what the history's rows of W reach.

An item with a short V_j rarely comes far by taste alone, so only those with the longest are scored for everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kindred.engine.pool import Pool
from kindred.recommender.model import Model
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import history
from kindred.recommender.together import floor, pulled
from kindred.recommender.typing import Doubles, Floats, Numbers, Positions

LEAST = 5_000
SHARE = 0.2
MOST = 20_000
"""Where nothing was measured: a fifth of the items, within these bounds."""

DEPTH = 20
AGREEMENT = 0.995
MARGIN = 0.002
"""What is reached on the histories tried is a little more than what is asked for, as others will be answered."""
HISTORIES = 200
TOGETHER = 8
"""Histories that a task is given at a time."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The model with its new head, and how much of a full scan's top 20 it brings up with the hits, on `histories`."""

    model: Model
    agreement: float
    histories: int


def usual(items: int) -> int:
    """Return the size of the head for so many items where nothing was measured."""
    return min(items, max(LEAST, min(MOST, round(SHARE * items))))


def longest(tastes: Floats, size: int) -> Numbers:
    """Return the numbers of the items with the longest V_j, int32 (size,), ascending; V float32 (n, d)."""
    return np.sort(_order(tastes)[:size]).astype(np.int32)


def of_size(model: Model, size: int) -> Model:
    """Return the model with another head: at most as many items as there are."""
    return replace(model, head=longest(model.tastes, min(size, len(model.tastes))))


def measured(model: Model, histories: Sequence[Numbers], *, recency: float, pool: Pool) -> Measured:
    """Return the model with the smallest head, of LEAST items at least, that answers as a full scan would.

    That is: AGREEMENT of the 20 best unseen items of a full scan are candidates, on at most HISTORIES of `histories`
    int32, oldest first, spread evenly over them. No outcome is looked at, so nothing is learnt from them.
    """
    items = len(model.tastes)
    asked = [one for one in histories if len(one)]
    asked = [asked[at] for at in np.linspace(0, len(asked) - 1, min(HISTORIES, len(asked))).astype(np.int64)]
    if items <= LEAST or not asked:
        return Measured(model=of_size(model, usual(items)), agreement=1.0, histories=len(asked))
    places = np.empty(items, dtype=np.int64)
    places[_order(model.tastes)] = np.arange(items)
    ranker = Ranker(model)
    cuts = range(0, len(asked), TOGETHER)
    found = pool.map(lambda cut: _needed(ranker, asked[cut : cut + TOGETHER], places, recency=recency), cuts)
    needed = np.sort(np.concatenate(found))
    size = max(LEAST, int(needed[int(np.ceil((AGREEMENT + MARGIN) * len(needed))) - 1]))
    agreement = float(np.mean(needed <= size))
    return Measured(model=of_size(model, size), agreement=agreement, histories=len(asked))


def _needed(ranker: Ranker, histories: Sequence[Numbers], places: Positions, *, recency: float) -> Positions:
    """How large the head has to be for each of the best items of each history: 0 where W brings it up anyway."""
    given = [history(one.astype(np.int64), recency=recency) for one in histories]
    tastes = ranker.model.tastes @ np.stack([ranker.profile(one) for one in given], axis=1)
    found = []
    for at, one in enumerate(given):
        _, targets, pulls = pulled(ranker.model, one.numbers, one.weights)
        scores: Doubles = tastes[:, at].astype(np.float64)
        scores += np.bincount(targets, weights=pulls, minlength=len(places))
        scores[one.numbers] = -np.inf
        best = _best(scores, min(DEPTH, len(scores) - len(one.numbers)))
        found.append(np.where(np.isin(best, targets), 0, places[best] + 1))
    return np.concatenate(found)


def _best(scores: Doubles, depth: int) -> Positions:
    """The numbers of the `depth` highest scores, in no order."""
    if not depth:
        return np.zeros(0, dtype=np.int64)
    few = np.flatnonzero(scores >= floor(scores, depth))
    return few[np.argpartition(scores[few], len(few) - depth)[len(few) - depth :]]


def _order(tastes: Floats) -> Positions:
    return np.argsort(-np.linalg.norm(tastes, axis=1), kind="stable")
