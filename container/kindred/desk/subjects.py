"""Whom or what a request is about: ids become a question that has a score for any item."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from kindred.desk.description import features_of
from kindred.desk.request import Event, Id, Request
from kindred.desk.stock import Stock
from kindred.errors import NotFound, UserError
from kindred.recommender.scorer import History, history

Positions = NDArray[np.int64]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A subject, understood.

    `reach()` returns the items worth ranking and their scores; `scores(numbers)` those of exactly these items.
    seen int64: what is left out of the answer by default. shares: cluster → weight, summing to 1. history: what the
    reasons are drawn from. because: the one reason of all answers, where there is no history. unknown: ids not known.
    """

    source: str
    reach: Callable[[], tuple[Positions, Doubles]]
    scores: Callable[[Positions], Doubles]
    seen: Positions
    shares: Mapping[int, float]
    history: History | None = None
    because: Sequence[str] | None = None
    unknown: Sequence[str] = ()


def question(stock: Stock, request: Request) -> Question:
    """Return the question behind a request. Raises NotFound for an unknown user or item, UserError."""
    if request.user_id is not UNSET:
        return _of_user(stock, str(request.user_id))
    if request.item_id is not UNSET:
        return _of_item(stock, str(request.item_id))
    if request.item is not UNSET:
        return _of_description(stock, request.item)
    return _of_events(stock, request.history if request.history is not UNSET else [])


def _of_user(stock: Stock, user_id: str) -> Question:
    if stock.users is None:
        raise UserError(
            "this model keeps no users (trained with store_users=false, or on items alone): send a history",
            at=".user_id",
        )
    user = int(stock.users.ids.numbers([user_id])[0])
    if user < 0:
        raise NotFound(f"the model knows no user '{user_id[:80]}': send a history instead", at=".user_id")
    theirs = slice(stock.users.starts[user], stock.users.starts[user + 1])
    met = stock.users.items[theirs].astype(np.int64)
    return _of_history(stock, "user", met, liked=met[stock.users.liked[theirs]], unknown=[])


def _of_events(stock: Stock, events: Sequence[Id | Event]) -> Question:
    whole = _in_order([event if isinstance(event, Event) else Event(item_id=event) for event in events])
    ids = [str(event.item_id) for event in whole]
    numbers = stock.ids.numbers(ids)
    known = numbers >= 0
    liked = np.array([_is_liked(event, stock.facts.positive_from) for event in whole], dtype=np.bool_)
    unknown = list(dict.fromkeys(one for one, is_known in zip(ids, known, strict=True) if not is_known))
    return _of_history(stock, "history", numbers[known], liked=numbers[known & liked], unknown=unknown)


def _is_liked(event: Event, floor: float | None) -> bool:
    if floor is None or event.rating is None:
        return True
    return event.rating >= floor or math.isclose(event.rating, floor, rel_tol=1e-6)  # the floor was a float32


def _in_order(events: Sequence[Event]) -> Sequence[Event]:
    """Oldest first: by their times where every event has one, as they were sent otherwise."""
    if any(event.timestamp is None for event in events):
        return events
    return sorted(events, key=lambda event: event.timestamp or 0.0)


def _of_history(stock: Stock, source: str, numbers: Positions, *, liked: Positions, unknown: Sequence[str]) -> Question:
    if not len(liked):
        return _of_nobody(stock, seen=numbers, unknown=unknown)
    given = history(liked, recency=stock.facts.recency)
    return Question(
        source=source,
        reach=lambda: stock.scorer.candidates(given),
        scores=lambda wanted: stock.scorer.scores(given, wanted),
        seen=numbers,
        shares=_shares(stock, given),
        history=given,
        unknown=unknown,
    )


def _of_nobody(stock: Stock, *, seen: Positions, unknown: Sequence[str]) -> Question:
    popularity = stock.scorer.popularity
    return Question(
        source="popular",
        reach=lambda: (np.arange(len(popularity)), popularity.astype(np.float64)),
        scores=lambda wanted: popularity[wanted].astype(np.float64),
        seen=seen,
        shares={},
        unknown=unknown,
    )


def _of_item(stock: Stock, item_id: str) -> Question:
    item = int(stock.ids.numbers([item_id])[0])
    if item < 0:
        raise NotFound(f"the model knows no item '{item_id[:80]}': describe it under 'item' instead", at=".item_id")
    cluster = int(stock.scorer.clusters[item])
    return Question(
        source="item",
        reach=lambda: _near(stock, item),
        scores=lambda wanted: stock.scorer.similar(item, wanted),
        seen=np.array([item]),
        shares={cluster: 1.0} if cluster >= 0 else {},
        because=[item_id],
    )


def _near(stock: Stock, item: int) -> tuple[Positions, Doubles]:
    """What a history of this item alone brings up, and its own cluster: a scan of everything would find little more."""
    brought = stock.scorer.candidates(history(np.array([item]), recency=0.0))[0]
    clusters = stock.scorer.clusters
    near = np.union1d(brought, np.flatnonzero(clusters == clusters[item]) if clusters[item] >= 0 else [item])
    return near, stock.scorer.similar(item, near)


def _of_description(stock: Stock, described: Mapping[str, Any]) -> Question:
    row = features_of(stock.facts.features, stock.columns, described)
    everything = np.arange(len(stock.ids))
    return Question(
        source="content",
        reach=lambda: (everything, stock.scorer.like(row, everything)),
        scores=lambda wanted: stock.scorer.like(row, wanted),
        seen=stock.ids.numbers([str(described.get("item_id", ""))]),
        shares={stock.scorer.cluster_of(row): 1.0},
    )


def _shares(stock: Stock, given: History) -> Mapping[int, float]:
    clusters = stock.scorer.clusters[given.numbers]
    placed = clusters >= 0
    weights = np.bincount(clusters[placed], weights=given.weights[placed])
    total = weights.sum()
    return {int(cluster): float(weights[cluster] / total) for cluster in np.flatnonzero(weights)}
