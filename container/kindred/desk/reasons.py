"""Why each answer is there: what the history's items add to its score, read off the score and not made up beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kindred.desk.response import Contribution, Parts
from kindred.desk.stock import Stock
from kindred.desk.subjects import Question
from kindred.recommender.choosing import Chosen
from kindred.recommender.scorer import Contributions, History
from kindred.recommender.typing import Doubles

MOST_REASONS = 3
"""Contributions told one by one, those that pull up hardest, and ids in `because`."""
LEAST_REASON = 0.1
"""An item of `because` pulls at least so much as a share of the strongest."""

SCORE_DIGITS = 7
"""Enough to write down without loss what scores are settled to."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    """The explaining fields of a recommendation; they sum to the score as `Recommendation` says."""

    because: list[str] | None = None
    contributions: Sequence[Contribution] = ()
    others: float | None = None
    spread: float | None = None
    parts: Parts | None = None


NONE = Reason()


def reasons(stock: Stock, asked: Question, chosen: Chosen, *, spread: Doubles) -> list[Reason]:
    """Return why each of the chosen is there; `NONE` for all of them where nothing is known of whoever asks.

    spread float64 (n,): what diversity took off their scores.
    """
    if asked.history is not None:
        return _of_history(stock, asked.history, chosen, spread=spread)
    if not asked.because:
        return [NONE] * len(chosen.numbers)
    [item] = asked.because
    return [
        Reason(because=[item], contributions=[Contribution(item_id=item, weight=figure(score))])
        for score in chosen.scores.tolist()
    ]


def figure(number: float) -> float:
    """Return the number to the digits that are shown; never −0."""
    return float(f"{number:.{SCORE_DIGITS}g}") + 0.0


def _of_history(stock: Stock, given: History, chosen: Chosen, *, spread: Doubles) -> list[Reason]:
    found = stock.scorer.contributions(given, chosen.numbers)
    pulls = found.whole
    rows = np.argsort(-pulls, axis=0, kind="stable")[:MOST_REASONS]
    wanted, places = np.unique(rows, return_inverse=True)
    ids = stock.ids.many(given.numbers[wanted])
    largest = np.take_along_axis(pulls, rows, axis=0)
    others, off = _rest(pulls.sum(axis=0) - largest.sum(axis=0), pulls), _rest(spread, pulls)
    threes = [[ids[one] for one in three] for three in places.reshape(rows.shape).T]
    return [_reason(*why) for why in zip(threes, largest.T.tolist(), others, off, _parts(found), strict=True)]


def _reason(items: Sequence[str], weights: Sequence[float], others: float, spread: float, parts: Parts) -> Reason:
    contributions = [
        Contribution(item_id=item, weight=figure(weight)) for item, weight in zip(items, weights, strict=True)
    ]
    return Reason(
        because=_because(items, weights),
        contributions=contributions,
        others=others or None,
        spread=spread or None,
        parts=parts,
    )


def _because(items: Sequence[str], weights: Sequence[float]) -> list[str] | None:
    """The items that pull up, the hardest first; None where none does."""
    least = LEAST_REASON * max(weights)
    helping = [item for item, weight in zip(items, weights, strict=True) if weight > max(least, 0.0)]
    return helping or None


def _rest(rests: Doubles, pulls: Doubles) -> list[float]:
    """What is left over, as figures: 0 where that is only what rounding leaves of the largest pull."""
    noise = 1e-5 * np.abs(pulls).max(axis=0)
    return [figure(rest) for rest in np.where(np.abs(rests) > noise, rests, 0.0).tolist()]


def _parts(found: Contributions) -> list[Parts]:
    local, taste = found.local.sum(axis=0).tolist(), found.taste.sum(axis=0).tolist()
    return [Parts(block=figure(one), taste=figure(other)) for one, other in zip(local, taste, strict=True)]
