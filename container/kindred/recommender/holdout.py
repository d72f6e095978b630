"""Which events training hides to judge itself: the last tenth of time, or else a few viewers."""

from dataclasses import dataclass

import numpy as np

from kindred.errors import UserError
from kindred.recommender import protocols
from kindred.recommender.protocols import Split
from kindred.recommender.typing import Doubles, Numbers

FEWEST_ASKED = 20
MOST_EVENTS = 1_000_000
"""Judging takes a fit of its own: beyond so many events a sample of the users is judged."""


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

    users, items int32 and times float64, one entry a positive event, or no times.
    """
    users, items, times = _sampled(users, items, times, rng=rng)
    by_time = None if times is None else _by_time(users, items, times)
    if by_time is not None:
        return by_time
    try:
        heldout = max(1, min(int(np.unique(users).size) // 5, 2_000))
        order = np.arange(len(users), dtype=np.float64) if times is None else times
        split = protocols.strong(users, items, times=order, heldout=heldout, rng=rng)
    except UserError as error:
        return Holdout(split=None, ordered=False, because=f"nothing was held out: {error}")
    because = f"held out: {len(split.asked)} viewers whole, a fifth of their items asked for"
    return Holdout(split=split, ordered=False, because=because)


def _by_time(users: Numbers, items: Numbers, times: Doubles) -> Holdout | None:
    try:
        split = protocols.of_returning(protocols.global_time(users, items, times=times))
    except UserError:
        return None
    if len(split.asked) < FEWEST_ASKED:
        return None
    because = f"held out: the last tenth of time; {len(split.asked)} viewers who were there before are asked about"
    return Holdout(split=split, ordered=True, because=because)


def _sampled(
    users: Numbers, items: Numbers, times: Doubles | None, *, rng: np.random.Generator
) -> tuple[Numbers, Numbers, Doubles | None]:
    if len(users) <= MOST_EVENTS:
        return users, items, times
    everybody = np.unique(users)
    chosen = rng.choice(everybody, size=max(1, len(everybody) * MOST_EVENTS // len(users)), replace=False)
    kept = np.isin(users, chosen)
    return users[kept], items[kept], None if times is None else times[kept]
