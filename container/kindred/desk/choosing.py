"""The items that answer a request: those that its subject brings up, without those left out, best first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kindred.desk.filters import matching
from kindred.desk.histories import Met
from kindred.desk.request import Request
from kindred.desk.stock import Stock
from kindred.desk.subjects import Question, question
from kindred.recommender.choosing import POOL, Chosen, best, diverse, without
from kindred.recommender.scorer import Contributions
from kindred.recommender.typing import Doubles, Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """A request, understood. chosen: its items, where it gains nothing by company; unranked: ids to rank that the model
    does not know.
    """

    request: Request
    question: Question
    chosen: Chosen | None = None
    unranked: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Picked:
    """A request for which the items are chosen; pulls: what its history adds to them, where that is told."""

    request: Request
    question: Question
    chosen: Chosen
    pulls: Contributions | None
    unranked: Sequence[str]


def asked(stock: Stock, request: Request, *, met: Met) -> Asked:
    """Return the request, understood; met: what its history holds. Raises UserError, `at` the place within it."""
    one = Asked(request=request, question=question(stock, request, met=met))
    if one.question.history is not None and _open(request):
        return one
    chosen, unranked = _alone(stock, one)
    return replace(one, chosen=chosen, unranked=unranked)


def picked(stock: Stock, requests: Sequence[Asked]) -> list[Picked]:
    """Return the requests with the items of each, in order; those that gain by company are asked at once."""
    together = iter(_together(stock, [one for one in requests if one.chosen is None]))
    return [
        next(together) if one.chosen is None else _picked(one, one.chosen, _pulls(stock, one, one.chosen))
        for one in requests
    ]


def _open(request: Request) -> bool:
    """Whether any item may answer it."""
    return request.rank is None and request.allow is None and not request.filter


def _together(stock: Stock, requests: Sequence[Asked]) -> list[Picked]:
    histories = [one.question.history for one in requests if one.question.history is not None]
    if not histories:
        return []
    company = stock.scorer.together(histories)
    reached = company.reach([_wanted(one.request) for one in requests], [_dropped(stock, one) for one in requests])
    chosen = [_spread_out(stock, one.request, *found) for one, found in zip(requests, reached, strict=True)]
    told = [one.request.explain for one in requests]
    pulls = company.contributions(
        [items.numbers if why else items.numbers[:0] for items, why in zip(chosen, told, strict=True)]
    )
    return [
        _picked(one, items, ours if why else None)
        for one, items, ours, why in zip(requests, chosen, pulls, told, strict=True)
    ]


def _picked(one: Asked, chosen: Chosen, pulls: Contributions | None) -> Picked:
    return Picked(request=one.request, question=one.question, chosen=chosen, pulls=pulls, unranked=one.unranked)


def _pulls(stock: Stock, one: Asked, chosen: Chosen) -> Contributions | None:
    if one.question.history is None or not one.request.explain:
        return None
    return stock.scorer.contributions(one.question.history, chosen.numbers)


def _alone(stock: Stock, one: Asked) -> tuple[Chosen, list[str]]:
    if one.request.rank is not None:
        return _ranked(stock, [str(item) for item in one.request.rank], one.question)
    numbers, scores = one.question.reach() if _open(one.request) else _within(stock, one)
    return _spread_out(stock, one.request, *without(numbers, scores, _dropped(stock, one))), []


def _ranked(stock: Stock, ids: Sequence[str], about: Question) -> tuple[Chosen, list[str]]:
    """Exactly these, seen or not, and those of them that are not known."""
    found = stock.ids.numbers(ids)
    unknown = [item for item, number in zip(ids, found, strict=True) if number < 0]
    numbers = np.unique(found[found >= 0])
    return _best(stock, numbers, about.scores(numbers), n=len(numbers)), unknown


def _within(stock: Stock, one: Asked) -> tuple[Positions, Doubles]:
    """Filter before ranking, so that a narrow filter still finds its best."""
    allowed = matching(one.request.filter, stock.filtered_by, items=len(stock.ids))
    if one.request.allow is not None:
        listed = stock.ids.numbers([str(item) for item in one.request.allow])
        allowed &= np.isin(np.arange(len(allowed)), listed)
    numbers = np.flatnonzero(allowed)
    return numbers, one.question.scores(numbers)


def _dropped(stock: Stock, one: Asked) -> Positions:
    """What stays out of the answer, as it was seen or is not wanted."""
    seen = one.question.seen if one.request.exclude_seen else np.empty(0, dtype=np.int64)
    if not one.request.exclude:
        return seen
    excluded = stock.ids.numbers([str(item) for item in one.request.exclude])
    return np.concatenate([excluded[excluded >= 0], seen])


def _spread_out(stock: Stock, request: Request, numbers: Positions, scores: Doubles) -> Chosen:
    pool = _best(stock, numbers, scores, n=_wanted(request))
    if not request.diversity:
        return pool
    spread = diverse(pool, stock.scorer.clusters, n=request.n, strength=request.diversity)
    return _best(stock, spread.numbers, spread.scores, n=request.n)


def _wanted(request: Request) -> int:
    return max(request.n, POOL) if request.diversity else request.n


def _best(stock: Stock, numbers: Positions, scores: Doubles, *, n: int) -> Chosen:
    return best(numbers, _settled(scores), n=n, id_ranks=stock.ids.rank)


def _settled(scores: Doubles) -> Doubles:
    """The scores to 19 bits, about six digits: the noise of float32 sums must not order what is equal."""
    bits = scores.astype(np.float32).view(np.int32)  # of a float32's 24 bits the last five go, by rounding
    return ((bits + 16) & -32).view(np.float32).astype(np.float64) + 0.0  # + 0.0, since −0 reads oddly
