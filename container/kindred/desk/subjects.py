"""Whom or what a request is about: ids become a question that has a score for any item."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import UNSET

from kindred.desk.description import features_of
from kindred.desk.histories import Met
from kindred.desk.request import Request
from kindred.desk.stock import Stock
from kindred.errors import NotFound, UserError
from kindred.recommender.scorer import History, history
from kindred.recommender.typing import Doubles, Positions


@dataclass(frozen=True, kw_only=True)
class Question:
    """A subject, understood.

    `reach()` returns the items worth ranking and their scores; `scores(numbers)` those of exactly these items.
    seen int64: what is left out of the answer by default. history: what the reasons and the clusters are drawn from;
    where there is none, cluster: the one in which it lies, and because: the id that is the one reason of all answers.
    unknown: ids not known.
    """

    source: str
    reach: Callable[[], tuple[Positions, Doubles]]
    scores: Callable[[Positions], Doubles]
    seen: Positions
    cluster: int | None = None
    history: History | None = None
    because: str | None = None
    unknown: Sequence[str] = ()


def question(stock: Stock, request: Request, *, met: Met) -> Question:
    """Return the question behind a request; met: what its history holds.

    Raises NotFound for an unknown user or item, UserError.
    """
    if request.user_id is not UNSET:
        return _of_user(stock, str(request.user_id))
    if request.item_id is not UNSET:
        return _of_item(stock, str(request.item_id))
    if request.item is not UNSET:
        return _of_description(stock, request.item)
    return _of_history(stock, "history", met)


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
    numbers = stock.users.items[theirs].astype(np.int64)
    return _of_history(stock, "user", Met(numbers=numbers, liked=numbers[stock.users.liked[theirs]]))


def _of_history(stock: Stock, source: str, met: Met) -> Question:
    if not len(met.liked):
        return _of_nobody(stock, met)
    given = history(met.liked, recency=stock.facts.recency)
    return Question(
        source=source,
        reach=lambda: stock.scorer.candidates(given),
        scores=lambda wanted: stock.scorer.scores(given, wanted),
        seen=met.numbers,
        history=given,
        unknown=met.unknown,
    )


def _of_nobody(stock: Stock, met: Met) -> Question:
    popularity = stock.scorer.popularity
    return Question(
        source="popular",
        reach=lambda: (np.arange(len(popularity)), popularity.astype(np.float64)),
        scores=lambda wanted: popularity[wanted].astype(np.float64),
        seen=met.numbers,
        unknown=met.unknown,
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
        cluster=cluster if cluster >= 0 else None,
        because=item_id,
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
        cluster=stock.scorer.cluster_of(row),
    )
