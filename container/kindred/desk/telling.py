"""Answers as they are told: ids, titles, scores, clusters, reasons."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

import numpy as np

from kindred.desk import reasons, shares
from kindred.desk.choosing import Picked
from kindred.desk.figures import figures
from kindred.desk.reasons import Drawn, Reason
from kindred.desk.response import ClusterShare, Prediction, Recommendation
from kindred.desk.stock import Stock
from kindred.recommender.typing import Doubles


def predictions(stock: Stock, answered: Sequence[Picked]) -> list[Prediction]:
    """Return what answers each, in order."""
    recommendations = _recommendations(stock, answered)
    return [
        Prediction(
            recommendations=list(islice(recommendations, len(one.chosen.numbers))),
            clusters=clusters,
            source=one.question.source,
            unknown=list(dict.fromkeys([*one.question.unknown, *one.unranked])),
        )
        for one, clusters in zip(answered, _clusters(stock, answered), strict=True)
    ]


def _recommendations(stock: Stock, answered: Sequence[Picked]) -> Iterator[Recommendation]:
    """Those of every answer, one after another's."""
    numbers = np.concatenate([one.chosen.numbers for one in answered])
    ids, titles = stock.ids.many(numbers), stock.titles.many(numbers)
    scores = figures(np.concatenate([one.chosen.scores for one in answered]))
    clusters = stock.scorer.clusters[numbers].tolist()
    return map(partial(_recommendation, stock.facts.labels), ids, titles, scores, clusters, _whys(stock, answered))


def _recommendation(
    labels: Sequence[str], item_id: str, title: str, score: float, cluster: int, why: Reason | None
) -> Recommendation:
    if why is None:
        return Recommendation(item_id=item_id, title=title or None, score=score)
    return Recommendation(
        item_id=item_id,
        title=title or None,
        score=score,
        cluster=cluster if cluster >= 0 else None,
        label=labels[cluster] if cluster >= 0 else None,
        because=why.because,
        contributions=list(why.contributions),
        others=why.others,
        spread=why.spread,
        parts=why.parts,
    )


def _whys(stock: Stock, answered: Sequence[Picked]) -> Iterator[Reason | None]:
    """Why each is there, one answer's after another's; None where that is not asked."""
    drawn = iter(reasons.of_histories(stock, [found for one in answered if (found := _drawn(one)) is not None]))
    for one in answered:
        if one.pulls is not None:
            yield from next(drawn)
        else:
            yield from _without_history(one)


def _without_history(one: Picked) -> Sequence[Reason | None]:
    if not one.request.explain:
        return [None] * len(one.chosen.numbers)
    if one.question.because is None:
        return [reasons.NONE] * len(one.chosen.numbers)
    return reasons.of_item(one.question.because, one.chosen)


def _drawn(one: Picked) -> Drawn | None:
    if one.pulls is None or one.question.history is None:
        return None
    return Drawn(history=one.question.history, chosen=one.chosen, pulls=one.pulls, spread=_taken_off(one))


def _taken_off(one: Picked) -> Doubles:
    """What diversity took off each score, float64 (n,), ≤ 0."""
    if not one.request.diversity or one.request.rank is not None:
        return np.zeros(len(one.chosen.numbers))
    return one.chosen.scores - one.question.scores(one.chosen.numbers)


def _clusters(stock: Stock, answered: Sequence[Picked]) -> list[list[ClusterShare]]:
    """What each answer rests on."""
    histories = [one.question.history for one in answered if one.pulls is not None]
    drawn = iter(shares.of_histories(stock, [one for one in histories if one is not None]))
    return [next(drawn) if one.pulls is not None else _cluster(stock, one) for one in answered]


def _cluster(stock: Stock, one: Picked) -> list[ClusterShare]:
    cluster = one.question.cluster
    return [shares.share(stock, cluster, 1.0)] if one.request.explain and cluster is not None else []
