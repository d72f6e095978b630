"""Why each answer is there: what the history's items add to its score, read off the score and not made up beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from kindred.desk.figures import figures
from kindred.desk.response import Contribution, Parts
from kindred.desk.stock import Stock
from kindred.recommender.choosing import Chosen
from kindred.recommender.scorer import Contributions, History
from kindred.recommender.typing import Doubles, Positions

MOST_REASONS = 3
"""Contributions told one by one, those that pull up hardest, and ids in `because`."""
LEAST_REASON = 0.1
"""An item of `because` pulls at least so much as a share of the strongest."""
MOST_PULLS = 1 << 17
"""Contributions looked at together, a megabyte of them."""


class Reason(NamedTuple):
    """The explaining fields of a recommendation; they sum to the score as `Recommendation` says."""

    because: list[str] | None = None
    contributions: Sequence[Contribution] = ()
    others: float | None = None
    spread: float | None = None
    parts: Parts | None = None


NONE = Reason()


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """An answer drawn from a history, and what each of its items adds; spread float64 (n,): what diversity took off."""

    history: History
    chosen: Chosen
    pulls: Contributions
    spread: Doubles


def of_item(item_id: str, chosen: Chosen) -> list[Reason]:
    """Return why each of the chosen is there for whoever asks for items like this one."""
    return [
        Reason(because=[item_id], contributions=[Contribution(item_id=item_id, weight=weight)])
        for weight in figures(chosen.scores)
    ]


def of_histories(stock: Stock, drawn: Sequence[Drawn]) -> list[list[Reason]]:
    """Return why each of the chosen is there, for every answer."""
    deepest = max((len(one.history.numbers) for one in drawn), default=0)
    widest = max((len(one.chosen.numbers) for one in drawn), default=0)
    if len(drawn) > 1 and len(drawn) * deepest * widest > MOST_PULLS:
        half = len(drawn) // 2
        return of_histories(stock, drawn[:half]) + of_histories(stock, drawn[half:])
    if not deepest * widest:
        return [[NONE] * len(one.chosen.numbers) for one in drawn]
    reasons = iter(_told(stock, _sums(drawn, deepest=deepest, widest=widest)))
    return [list(islice(reasons, len(one.chosen.numbers))) for one in drawn]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sums:
    """What is told of each of r items, those of an answer after another's.

    numbers, weights (r, ≤ MOST_REASONS): the history's items that pull hardest, and how hard; real (r,): how many of
    them there are; helping (r,): how many are a reason. others, spread, block, taste (r,): the rest of the score.
    """

    numbers: Positions
    weights: Doubles
    real: Positions
    helping: Positions
    others: Doubles
    spread: Doubles
    block: Doubles
    taste: Doubles


def _sums(drawn: Sequence[Drawn], *, deepest: int, widest: int) -> _Sums:
    """Lay the answers side by side; where one is narrower or its history shorter than others', there is nothing."""
    parts = np.zeros((3, len(drawn), deepest, widest))
    local, taste, pulls = parts
    falling = np.full(pulls.shape, np.inf)
    spread, real = np.zeros((len(drawn), widest)), np.zeros((len(drawn), widest), dtype=np.int64)
    numbers = np.zeros((len(drawn), deepest), dtype=np.int64)
    for place, one in enumerate(drawn):
        depth, width = one.pulls.local.shape
        local[place, :depth, :width], taste[place, :depth, :width] = one.pulls.local, one.pulls.taste
        pulls[place, :depth, :width] = whole = one.pulls.whole
        np.negative(whole, out=falling[place, :depth, :width])
        numbers[place, :depth], spread[place, :width] = one.history.numbers, one.spread
        real[place, :width] = min(depth, MOST_REASONS)
    rows, each = falling.argsort(axis=1, kind="stable")[:, :MOST_REASONS], np.arange(len(drawn))[:, None, None]
    weights = pulls[each, rows, np.arange(widest)]
    # Added one by one, so that a longer history beside it changes nothing.
    totals = parts.cumsum(axis=2)[:, :, -1]
    totals[2] -= weights.sum(axis=1)
    noise, there = 1e-5 * np.abs(pulls).max(axis=1), real > 0
    block, taken, others = totals[:, there]
    return _Sums(
        numbers=numbers[each, rows].transpose(0, 2, 1)[there],
        weights=weights.transpose(0, 2, 1)[there],
        real=real[there],
        helping=(weights > np.maximum(LEAST_REASON * weights[:, :1], 0.0)).sum(axis=1)[there],
        others=_above(noise[there], others),
        spread=_above(noise[there], spread[there]),
        block=block,
        taste=taken,
    )


def _above(noise: Doubles, rests: Doubles) -> Doubles:
    """What is left over: 0 where that is only what rounding leaves of the largest pull."""
    return np.where(np.abs(rests) > noise, rests, 0.0)


def _told(stock: Stock, sums: _Sums) -> list[Reason]:
    count, most = sums.numbers.shape
    numbers = sums.numbers.ravel().tolist()
    distinct = list(dict.fromkeys(numbers))
    names = list(map(dict(zip(distinct, stock.ids.many(distinct), strict=True)).__getitem__, numbers))
    shown = figures(np.concatenate([sums.weights.ravel(), sums.others, sums.block, sums.taste]))
    contributions = list(map(_contribution, names, shown))
    rests = iter(shown[count * most :])
    others, block, taste = (list(islice(rests, count)) for _ in range(3))
    spread = figures(sums.spread) if sums.spread.any() else [0.0] * count
    return [
        Reason(
            because=names[first : first + helping] or None,
            contributions=contributions[first : first + real],
            others=others[place] or None,
            spread=spread[place] or None,
            parts=Parts(block=block[place], taste=taste[place]),
        )
        for place, first, helping, real in zip(
            range(count), range(0, count * most, most), sums.helping.tolist(), sums.real.tolist(), strict=True
        )
    ]


def _contribution(item_id: str, weight: float) -> Contribution:
    return Contribution(item_id=item_id, weight=weight)
