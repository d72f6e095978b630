"""Histories as requests tell them: ids become numbers, those of many requests in one search."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

import numpy as np
from msgspec import UNSET

from kindred.desk.request import Event, Request
from kindred.desk.stock import Stock
from kindred.recommender.typing import Positions


@dataclass(frozen=True, kw_only=True, eq=False)
class Met:
    """What somebody met: numbers int64 (m,), oldest first; liked int64, those of them that speak for others.

    unknown: ids that the model does not know, each once.
    """

    numbers: Positions
    liked: Positions
    unknown: Sequence[str] = ()


def met(stock: Stock, requests: Sequence[Request]) -> list[Met]:
    """Return what each request's history holds, in order; nothing where it has none."""
    told = [_told(request) for request in requests]
    numbers = stock.ids.numbers(list(chain.from_iterable(ids for ids, _ in told)))
    edges = [0, *accumulate(len(ids) for ids, _ in told)]
    floor = stock.facts.positive_from
    return [
        _met(ids, numbers[begin:end], ratings, floor=floor)
        for (ids, ratings), (begin, end) in zip(told, pairwise(edges), strict=True)
    ]


def _told(request: Request) -> tuple[list[str], list[float | None]]:
    """The ids of a history, oldest first, and the rating of each, or no ratings where ids are all that it holds."""
    history = request.history if request.history is not UNSET else []
    if Event not in set(map(type, history)):
        return list(map(str, history)), []
    events = _in_order([event if isinstance(event, Event) else Event(item_id=event) for event in history])
    return [str(event.item_id) for event in events], [event.rating for event in events]


def _in_order(events: Sequence[Event]) -> Sequence[Event]:
    """Oldest first: by their times where every event has one, as they were sent otherwise."""
    if any(event.timestamp is None for event in events):
        return events
    return sorted(events, key=lambda event: event.timestamp or 0.0)


def _met(ids: Sequence[str], numbers: Positions, ratings: Sequence[float | None], *, floor: float | None) -> Met:
    known = numbers >= 0
    unknown = [] if known.all() else list(dict.fromkeys(ids[place] for place in np.flatnonzero(~known).tolist()))
    items = numbers[known] if unknown else numbers
    if not ratings:
        return Met(numbers=items, liked=items, unknown=unknown)
    liked = np.array([_is_liked(rating, floor) for rating in ratings], dtype=np.bool_)
    return Met(numbers=items, liked=numbers[known & liked], unknown=unknown)


def _is_liked(rating: float | None, floor: float | None) -> bool:
    if floor is None or rating is None:
        return True
    return rating >= floor or math.isclose(rating, floor, rel_tol=1e-6)  # the floor was a float32
