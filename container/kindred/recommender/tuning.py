"""λ and ρ chosen on a split inside what may be learnt from: cheaply, and away from the defaults only on evidence.

Nothing of what `train` later judges itself by is seen. Of large data a sample of the viewers and the most liked items
stand for all: λ is the share of noise in an item's weights, which does not grow with the number of viewers. What λ and
ρ have no part in is done once: see `fit.solutions` and `trials`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kindred.engine.pool import Pool
from kindred.errors import UserError
from kindred.recommender import metrics, trials
from kindred.recommender.fit import solutions
from kindred.recommender.given import given
from kindred.recommender.holdout import Holdout, hold_out, some
from kindred.recommender.positives import matrix
from kindred.recommender.protocols import Split
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Doubles, Flags, Floats, Numbers

RIDGES = (100.0, 30.0, 300.0)
RECENCIES = (1.0, 0.5, 0.75, 1.25)
"""What is tried for λ and ρ, the default first."""

MOST_EVENTS = 200_000
MOST_ITEMS = 1_500
MOST_ASKED = 500
FEWEST_ASKED = 50
DEPTH = 20
ERRORS = 2.0
"""A challenger replaces the default where its gain in NDCG@20, viewer by viewer, exceeds so many standard errors."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """λ and ρ, and sentences that say how they were come by; none where there was nothing to choose."""

    ridge: float
    recency: float
    because: Sequence[str]


def choose(
    users: Numbers,
    items: Numbers,
    *,
    times: Doubles | None,
    content: Floats | None,
    settings: Settings,
    rng: np.random.Generator,
    pool: Pool,
    ridges: Sequence[float] = RIDGES,
    recencies: Sequence[float] = RECENCIES,
) -> Chosen:
    """Return the best of `ridges` and `recencies`, or the first of each where the others do not beat it by more than
    noise, or where fewer than FEWEST_ASKED viewers can be asked.

    users, items int32 and times float64, one entry a positive event, or no times: then ρ is 0, and there is no choice.
    content float32 (items, f) or None. Same inputs and rng state, same choice, whatever the pool.
    """
    usual = Chosen(ridge=ridges[0], recency=0.0 if times is None else recencies[0], because=())
    if len(ridges) == 1 and (times is None or len(recencies) == 1):
        return usual
    kept = _sampled(users, items, rng=rng)
    held = hold_out(users[kept], items[kept], times=None if times is None else times[kept], rng=rng)
    split = None if held.split is None else some(held.split, MOST_ASKED, rng=rng)
    if split is None or len(split.asked) < FEWEST_ASKED:
        asked = 0 if split is None else len(split.asked)
        why = f"λ and ρ are the defaults: only {asked} viewers could be asked, and {FEWEST_ASKED} are needed to tell"
        return replace(usual, because=(why,))
    part = None if content is None else content[split.items]
    try:
        return _chosen(held, split, part, settings, usual, ridges, recencies, rng=rng, pool=pool)
    except UserError as error:
        return replace(usual, because=(f"λ and ρ are the defaults: {error}",))


def _chosen(
    held: Holdout,
    split: Split,
    content: Floats | None,
    settings: Settings,
    usual: Chosen,
    ridges: Sequence[float],
    recencies: Sequence[float],
    *,
    rng: np.random.Generator,
    pool: Pool,
) -> Chosen:
    x = matrix(split.train.users, split.train.items, shape=(len(split.users), len(split.items)))
    one = given(x, content=content, settings=settings)
    profiles, found = solutions(one, ridges, rng=rng, pool=pool)
    solved = dict(zip(ridges, found, strict=True))
    asked = trials.asked(split.histories, items=len(split.items))

    def figures(ridge: float, recency: float) -> Doubles:
        ranked = trials.ranking(asked, solved[ridge], profiles, recency=recency, k=DEPTH)
        return metrics.ndcg(ranked, split.targets, k=DEPTH)

    recency = usual.recency if held.ordered else 0.0
    of_ridges = pool.map(lambda value: figures(value, recency), ridges)
    ridge, because = _best("λ", ridges, of_ridges)
    if not held.ordered:
        return Chosen(ridge=ridge, recency=usual.recency, because=(because,))
    others = pool.map(lambda value: figures(ridge, value), recencies[1:])
    recency, further = _best("ρ", recencies, [of_ridges[ridges.index(ridge)], *others])
    return Chosen(ridge=ridge, recency=recency, because=tuple(filter(None, (because, further))))


def _best(letter: str, values: Sequence[float], figures: Sequence[Doubles]) -> tuple[float, str]:
    """Return the value with the largest gain over the first among those that gain more than noise; else the first.

    figures: of each value its NDCG, viewer by viewer.
    """
    if len(values) == 1:
        return values[0], ""
    usual = figures[0]
    gains = {value: figure - usual for value, figure in zip(values[1:], figures[1:], strict=True)}
    sure = [value for value, gain in gains.items() if _sure(gain)]
    best = max(sure, key=lambda value: float(gains[value].mean()), default=values[0])
    told = ", ".join(f"{value:g}: {gain.mean():+.4f}" for value, gain in gains.items())
    verdict = "is kept, as none is better by more than noise" if best == values[0] else f"gives way to {best:g}"
    return best, f"{letter}, tried on {len(usual)} viewers: {values[0]:g} {verdict} (NDCG@{DEPTH} beside it: {told})"


def _sure(gain: Doubles) -> bool:
    error = float(gain.std(ddof=1)) / len(gain) ** 0.5
    return bool(float(gain.mean()) > ERRORS * error)


def _sampled(users: Numbers, items: Numbers, *, rng: np.random.Generator) -> Flags:
    """Which events stand for all: whole viewers drawn by lot, and the items that most of all viewers like."""
    kept = np.ones(len(users), dtype=np.bool_)
    counts = np.bincount(items)
    if len(counts) > MOST_ITEMS:
        liked = np.zeros(len(counts), dtype=np.bool_)
        liked[np.argsort(-counts, kind="stable")[:MOST_ITEMS]] = True
        kept &= liked[items]
    events = int(np.count_nonzero(kept))
    if events > MOST_EVENTS:
        drawn = rng.random(int(users.max()) + 1) < MOST_EVENTS / events
        kept &= drawn[users]
    return kept
