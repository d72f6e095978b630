"""What counts as liking: the threshold from which a rating is a positive event."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Positive:
    """An event is positive when its rating is `at_least` so much, or always where that is None; `because` tells why."""

    at_least: float | None
    because: str


MOSTLY = 0.5
"""Where more than this share of the ratings is 1 they are counts: nobody gives one star more often than all others."""

# The top of a scale of stars and where liking starts on it.
STARS = ((5.0, 4.0), (10.0, 7.0))


def positive_from(ratings: NDArray[np.float32] | None) -> Positive:
    """Choose what is positive from the ratings alone: float32 (rows,), finite; or None where the events have none.

    Two values are thumbs, and the upper is positive, unless both say liking on a scale of stars: 4 and 5. From 0 to 5
    is a scale of stars, positive from 4; to 10, from 7; −1 may stand for no grade beside them; unless most are 1, as
    where purchases are counted. Anything else counts plays or seconds and is positive above 0. Raises UserError where
    no rating is above 0 then.
    """
    if ratings is None or not len(ratings):
        return Positive(at_least=None, because="the interactions have no ratings: every one is positive")
    low, high = float(ratings.min()), float(ratings.max())
    if low == high:
        return Positive(at_least=None, because=f"all ratings are {high:g}: every interaction is positive")
    if not _liked_alone(low, high) and bool(np.all((ratings == low) | (ratings == high))):
        return Positive(at_least=high, because=f"the ratings are {low:g} or {high:g}: {high:g} is positive")
    if low >= 0 and _counted(ratings):
        because = (
            f"the ratings run from {low:g} to {high:g} and most are 1, so they count: everything above 0 is positive"
        )
        return Positive(at_least=1.0, because=because)
    for top, liking in STARS:
        if (low >= 0 or _ungraded(ratings, low)) and liking <= high <= top:
            because = f"the ratings run from {low:g} to {high:g}, a scale of {top:g}: {liking:g} and above is positive"
            return Positive(at_least=liking, because=because)
    return _above_zero(ratings, low, high)


def _liked_alone(low: float, high: float) -> bool:
    """Whether all are good grades, as where somebody left out the others beforehand."""
    return any(liking <= low and high <= top for top, liking in STARS)


def _ungraded(ratings: NDArray[np.float32], low: float) -> bool:
    """Whether −1 is all that is below 0."""
    return low == -1 and not bool(np.any((ratings < 0) & (ratings != -1)))


def _counted(ratings: NDArray[np.float32]) -> bool:
    return float(np.mean(ratings == 1)) > MOSTLY and bool(np.all(ratings == np.rint(ratings)))


def _above_zero(ratings: NDArray[np.float32], low: float, high: float) -> Positive:
    if high <= 0:
        raise UserError(f"no rating is positive: they run from {low:g} to {high:g}; give at least some above 0")
    least = float(ratings[ratings > 0].min())
    because = f"the ratings run from {low:g} to {high:g}, so they count or measure: everything above 0 is positive"
    return Positive(at_least=least, because=because)
