"""How well a scorer answers a split's questions, beside popularity on the same questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kindred.engine.pool import Pool, Threads
from kindred.recommender import metrics
from kindred.recommender.choosing import best, without
from kindred.recommender.protocols import Split
from kindred.recommender.scorer import Scorer, history
from kindred.recommender.typing import Doubles, Numbers, Positions

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
    everything = np.arange(len(scorer.popularity))
    scores = scorer.popularity.astype(np.float64)
    ranked = _each(lambda seen: _top(everything, scores, seen.astype(np.int64), k=DEEPEST), split.histories, pool=pool)
    return _judgement(ranked, split)


def ranking(scorer: Scorer, histories: Sequence[Numbers], *, recency: float, k: int, pool: Pool = HERE) -> Positions:
    """Return the k best unseen items of each history, int64 (histories, k), −1 where there are fewer; ties by
    number.
    """
    return _each(lambda one: _answer(scorer, one.astype(np.int64), recency=recency, k=k), histories, pool=pool)


def _each(answer: Callable[[Numbers], Positions], histories: Sequence[Numbers], *, pool: Pool) -> Positions:
    starts = range(0, len(histories), HISTORIES)
    return np.concatenate(
        pool.map(lambda start: np.stack([answer(one) for one in histories[start : start + HISTORIES]]), starts)
    )


def _answer(scorer: Scorer, numbers: Positions, *, recency: float, k: int) -> Positions:
    if not len(numbers):
        everything = np.arange(len(scorer.popularity))
        return _top(everything, scorer.popularity.astype(np.float64), numbers, k=k)
    candidates, scores = scorer.candidates(history(numbers, recency=recency))
    return _top(candidates, scores, numbers, k=k)


def _top(candidates: Positions, scores: Doubles, seen: Positions, *, k: int) -> Positions:
    numbers, left = without(candidates, scores, seen)
    by_number = np.arange(int(candidates.max()) + 1, dtype=np.int32)
    found = best(numbers, left, n=k, id_ranks=by_number).numbers
    return np.pad(found, (0, k - len(found)), constant_values=-1)


def _judgement(ranked: Positions, split: Split) -> Judgement:
    return Judgement(
        ndcg_at_10=float(metrics.ndcg(ranked, split.targets, k=10).mean()),
        hit_rate_at_10=float(metrics.hit_rate(ranked, split.targets, k=10).mean()),
        recall_at_20=float(metrics.recall(ranked, split.targets, k=20).mean()),
        coverage_at_10=metrics.coverage(ranked, items=len(split.items), k=10),
    )
