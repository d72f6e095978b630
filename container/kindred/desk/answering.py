"""A request becomes an answer: mask, rank, spread, explain, and back to ids."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kindred.desk.filters import matching
from kindred.desk.reasons import Reason, figure, reasons
from kindred.desk.request import Request
from kindred.desk.response import ClusterShare, Prediction, Recommendation
from kindred.desk.stock import Stock
from kindred.desk.subjects import Question, question
from kindred.recommender.choosing import POOL, Chosen, best, diverse, without

MOST_CLUSTERS = 3

Positions = NDArray[np.int64]


def answer(stock: Stock, request: Request) -> Prediction:
    """Return the answer to one request. Raises UserError, its `at` relative to the instance."""
    asked = question(stock, request)
    chosen, unranked = _chosen(stock, request, asked)
    return Prediction(
        recommendations=_explained(stock, request, asked, chosen) if request.explain else _plain(stock, chosen),
        clusters=_clusters(stock, asked) if request.explain else [],
        source=asked.source,
        unknown=list(dict.fromkeys([*asked.unknown, *unranked])),
    )


def _chosen(stock: Stock, request: Request, asked: Question) -> tuple[Chosen, list[str]]:
    if request.rank is not None:
        return _ranked(stock, [str(one) for one in request.rank], asked)
    numbers, scores = asked.reach() if _open(request) else _within(stock, request, asked)
    numbers, scores = without(numbers, scores, _dropped(stock, request, asked))
    if not request.diversity:
        return _best(stock, numbers, scores, n=request.n), []
    pool = _best(stock, numbers, scores, n=max(request.n, POOL))
    spread = diverse(pool, stock.scorer.clusters, n=request.n, strength=request.diversity)
    return _best(stock, spread.numbers, spread.scores, n=request.n), []


def _ranked(stock: Stock, ids: Sequence[str], asked: Question) -> tuple[Chosen, list[str]]:
    """Exactly these, seen or not."""
    found = stock.ids.numbers(ids)
    unknown = [one for one, number in zip(ids, found, strict=True) if number < 0]
    numbers = np.unique(found[found >= 0])
    return _best(stock, numbers, asked.scores(numbers), n=len(numbers)), unknown


def _best(stock: Stock, numbers: Positions, scores: NDArray[np.float64], *, n: int) -> Chosen:
    return best(numbers, _settled(scores), n=n, id_ranks=stock.ids.rank)


def _settled(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """The scores to 19 bits, about six digits: the noise of float32 sums must not order what is equal."""
    bits = scores.astype(np.float32).view(np.int32)  # of a float32's 24 bits the last five go, by rounding
    return ((bits + 16) & -32).view(np.float32).astype(np.float64) + 0.0  # + 0.0, since −0 reads oddly


def _open(request: Request) -> bool:
    return request.allow is None and not request.filter


def _within(stock: Stock, request: Request, asked: Question) -> tuple[Positions, NDArray[np.float64]]:
    """Filter before ranking, so that a narrow filter still finds its best."""
    allowed = matching(request.filter, stock.filtered_by, items=len(stock.ids))
    if request.allow is not None:
        listed = stock.ids.numbers([str(one) for one in request.allow])
        allowed &= np.isin(np.arange(len(allowed)), listed)
    numbers = np.flatnonzero(allowed)
    return numbers, asked.scores(numbers)


def _dropped(stock: Stock, request: Request, asked: Question) -> Positions:
    excluded = stock.ids.numbers([str(one) for one in request.exclude])
    seen = asked.seen if request.exclude_seen else np.empty(0, dtype=np.int64)
    return np.concatenate([excluded, seen])


def _plain(stock: Stock, chosen: Chosen) -> list[Recommendation]:
    return [
        Recommendation(item_id=item_id, title=title or None, score=figure(score))
        for item_id, title, score in _told(stock, chosen)
    ]


def _explained(stock: Stock, request: Request, asked: Question, chosen: Chosen) -> list[Recommendation]:
    clusters = stock.scorer.clusters[chosen.numbers].tolist()
    whys = reasons(stock, asked, chosen, spread=_spread(request, asked, chosen))
    return [
        _recommendation(stock, *told, cluster, why)
        for told, cluster, why in zip(_told(stock, chosen), clusters, whys, strict=True)
    ]


def _spread(request: Request, asked: Question, chosen: Chosen) -> NDArray[np.float64]:
    """What diversity took off each score, float64 (n,), ≤ 0."""
    if not request.diversity or request.rank is not None:
        return np.zeros(len(chosen.numbers))
    return chosen.scores - asked.scores(chosen.numbers)


def _recommendation(stock: Stock, item_id: str, title: str, score: float, cluster: int, why: Reason) -> Recommendation:
    return Recommendation(
        item_id=item_id,
        title=title or None,
        score=figure(score),
        cluster=cluster if cluster >= 0 else None,
        label=stock.facts.labels[cluster] if cluster >= 0 else None,
        because=why.because,
        contributions=list(why.contributions),
        others=why.others,
        spread=why.spread,
        parts=why.parts,
    )


def _told(stock: Stock, chosen: Chosen) -> Iterable[tuple[str, str, float]]:
    ids, titles = stock.ids.many(chosen.numbers), stock.titles.many(chosen.numbers)
    return zip(ids, titles, chosen.scores.tolist(), strict=True)


def _clusters(stock: Stock, asked: Question) -> list[ClusterShare]:
    largest = sorted(asked.shares.items(), key=lambda share: (-share[1], share[0]))[:MOST_CLUSTERS]
    return [
        ClusterShare(cluster=cluster, label=stock.facts.labels[cluster], weight=round(weight, 4))
        for cluster, weight in largest
    ]
