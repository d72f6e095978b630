"""How well a scorer answers a split's questions, beside popularity on the same questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kindred.engine.pool import Pool, Threads
from kindred.recommender import metrics
from kindred.recommender.choosing import best
from kindred.recommender.protocols import Split
from kindred.recommender.scorer import Scorer, history
from kindred.recommender.typing import Numbers, Positions

DEEPEST = 20
HISTORIES = 64
"""Histories that a task is given at a time."""

HERE = Threads(1)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Means over the users asked: NDCG@10, hit rate@10, recall@20, and the share of the items shown in a top 10."""

    ndcg_at_10: float
    hit_rate_at_10: float
    recall_at_20: float
    coverage_at_10: float


def judged(scorer: Scorer, split: Split, *, recency: float, pool: Pool = HERE) -> Judgement:
    """Return how well the scorer, fitted on split.train, answers; users without a history get the popular items."""
    ranked = ranking(scorer, split.histories, recency=recency, k=DEEPEST, pool=pool)
    return _judgement(ranked, split)


def popularity_judged(scorer: Scorer, split: Split, *, pool: Pool = HERE) -> Judgement:
    """Return how well the most popular items not in the history answer the same questions."""
    order = _popular(scorer)
    ranked = _each(lambda some: _unseen(order, some, k=DEEPEST), split.histories, k=DEEPEST, pool=pool)
    return _judgement(ranked, split)


def ranking(scorer: Scorer, histories: Sequence[Numbers], *, recency: float, k: int, pool: Pool = HERE) -> Positions:
    """Return the k best unseen items of each history, int64 (histories, k), −1 where there are fewer; ties by
    number. A history without items gets the popular ones.
    """
    known = [one for one in histories if len(one)]
    found = np.empty((len(histories), k), dtype=np.int64)
    filled = np.array([len(one) > 0 for one in histories], dtype=np.bool_)
    found[filled] = _each(lambda some: _answers(scorer, some, recency=recency, k=k), known, k=k, pool=pool)
    if len(known) < len(histories):
        found[~filled] = _padded(_popular(scorer)[:k], k)
    return found


def _each(
    answers: Callable[[Sequence[Numbers]], Sequence[Positions]], histories: Sequence[Numbers], *, k: int, pool: Pool
) -> Positions:
    """What `answers` says of the histories, some at a time, each int64 (k,)."""
    starts = range(0, len(histories), HISTORIES)
    found = pool.map(lambda start: answers(histories[start : start + HISTORIES]), starts)
    return np.array([row for some in found for row in some], dtype=np.int64).reshape(-1, k)


def _answers(scorer: Scorer, histories: Sequence[Numbers], *, recency: float, k: int) -> list[Positions]:
    given = [history(one.astype(np.int64), recency=recency) for one in histories]
    reached = scorer.together(given).reach([k] * len(given), [one.numbers for one in given])
    by_number = np.arange(len(scorer.popularity), dtype=np.int32)
    return [_padded(best(numbers, scores, n=k, id_ranks=by_number).numbers, k) for numbers, scores in reached]


def _popular(scorer: Scorer) -> Positions:
    """All items, the most popular first, ties by number."""
    return np.argsort(-scorer.popularity.astype(np.float64), kind="stable")


def _unseen(order: Positions, histories: Sequence[Numbers], *, k: int) -> list[Positions]:
    """Of each history the first k of the order, all items, that it does not hold."""
    unseen, found = np.ones(len(order), dtype=np.bool_), []
    for seen in histories:
        unseen[seen] = False
        first = order[: k + len(seen)]
        found.append(_padded(first[unseen[first]][:k], k))
        unseen[seen] = True
    return found


def _padded(found: Positions, k: int) -> Positions:
    padded: Positions = np.full(k, -1, dtype=np.int64)
    padded[: len(found)] = found
    return padded


def _judgement(ranked: Positions, split: Split) -> Judgement:
    return Judgement(
        ndcg_at_10=float(metrics.ndcg(ranked, split.targets, k=10).mean()),
        hit_rate_at_10=float(metrics.hit_rate(ranked, split.targets, k=10).mean()),
        recall_at_20=float(metrics.recall(ranked, split.targets, k=20).mean()),
        coverage_at_10=metrics.coverage(ranked, items=len(split.items), k=10),
    )
