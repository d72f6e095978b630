"""Which events training hides to judge itself: the last tenth of time, or else a few viewers."""

from dataclasses import dataclass, replace

import numpy as np

from kindred.errors import UserError
from kindred.recommender import protocols
from kindred.recommender.protocols import Split
from kindred.recommender.typing import Doubles, Numbers

FEWEST_ASKED = 20
MOST_EVENTS = 1_000_000
"""Judging takes a fit of its own: beyond so many events a sample of the users is judged."""
MOST_ASKED = 10_000
"""Of more viewers who return so many are asked: their mean is known to a few thousandths, and others cost as much."""


@dataclass(frozen=True, kw_only=True)
class Holdout:
    """The split, None where the data is too small for one, and a sentence that says what was done.

    `ordered` says whether the targets come after the histories, so that the newest of a history says most.
    """

    split: Split | None
    ordered: bool
    because: str


def hold_out(users: Numbers, items: Numbers, *, times: Doubles | None, rng: np.random.Generator) -> Holdout:
    """Return the global time split over returning users, or, where fewer than 20 return, viewers held out whole.

    users, items int32 and times float64, one entry a positive event, or no times. Of more than MOST_EVENTS a sample of
    the users is taken, and of more than MOST_ASKED who return so many are asked; the sentence says so.
    """
    some_users, some_items, some_times = _sampled(users, items, times, rng=rng)
    held = _held_out(some_users, some_items, some_times, rng=rng)
    if len(some_users) == len(users):
        return held
    of = f"of the users a sample, with {len(some_users):,} of {len(users):,} events, is judged"
    return replace(held, because=f"{held.because}; {of}")


def _held_out(users: Numbers, items: Numbers, times: Doubles | None, *, rng: np.random.Generator) -> Holdout:
    by_time = None if times is None else _by_time(users, items, times, rng=rng)
    if by_time is not None:
        return by_time
    try:
        heldout = max(1, min(len(protocols.occurring(users)) // 5, 2_000))
        order = np.arange(len(users), dtype=np.float64) if times is None else times
        split = protocols.strong(users, items, times=order, heldout=heldout, rng=rng)
    except UserError as error:
        return Holdout(split=None, ordered=False, because=f"nothing was held out: {error}")
    because = f"held out: {len(split.asked)} viewers whole, a fifth of their items asked for"
    return Holdout(split=split, ordered=False, because=because)


def some(split: Split, most: int, *, rng: np.random.Generator) -> Split:
    """Return the split with at most so many of its questions, drawn by lot; what may be learnt from stays."""
    if len(split.asked) <= most:
        return split
    kept = np.sort(rng.choice(len(split.asked), most, replace=False))
    return replace(
        split,
        asked=split.asked[kept],
        histories=tuple(split.histories[number] for number in kept),
        targets=tuple(split.targets[number] for number in kept),
    )


def _by_time(users: Numbers, items: Numbers, times: Doubles, *, rng: np.random.Generator) -> Holdout | None:
    try:
        split = protocols.of_returning(protocols.global_time(users, items, times=times))
    except UserError:
        return None
    returning = len(split.asked)
    if returning < FEWEST_ASKED:
        return None
    asked = some(split, MOST_ASKED, rng=rng)
    share = f"{returning}" if len(asked.asked) == returning else f"{len(asked.asked)} of the {returning}"
    because = f"held out: the last tenth of time; {share} viewers who were there before are asked about"
    return Holdout(split=asked, ordered=True, because=because)


def _sampled(
    users: Numbers, items: Numbers, times: Doubles | None, *, rng: np.random.Generator
) -> tuple[Numbers, Numbers, Doubles | None]:
    if len(users) <= MOST_EVENTS:
        return users, items, times
    everybody = protocols.occurring(users)
    chosen = rng.choice(everybody, size=max(1, len(everybody) * MOST_EVENTS // len(users)), replace=False)
    judged = np.zeros(int(everybody[-1]) + 1, dtype=np.bool_)
    judged[chosen] = True
    kept = judged[users]
    return users[kept], items[kept], None if times is None else times[kept]
