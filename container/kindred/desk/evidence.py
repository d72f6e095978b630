"""What the events say of users and items: who liked what, how often each was chosen, what to show to a stranger."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.data.values import Interactions, Pantry
from kindred.desk import catalogue
from kindred.recommender import popularity
from kindred.recommender.typing import Doubles, Flags, Floats, Numbers

VOTES = ("votes", "votecount", "numvotes", "ratingscount", "ratingcount", "ratingnumber", "reviewcount")
MEANS = ("averagerating", "voteaverage", "avgrating", "meanrating", "rating")
"""What catalogues call how often an item was rated, and how well."""

GRADES_END = 10.0
"""Ratings that go beyond it count plays or seconds: their mean says who played most, not how well an item is liked."""


@dataclass(frozen=True, kw_only=True)
class Liked:
    """The events that say "liked", oldest first within a user: users, items int32, times float64 (unix seconds).

    `kept` bool, one entry an event of the interactions, says which they are.
    """

    users: Numbers
    items: Numbers
    times: Doubles | None
    kept: Flags


def liked(events: Interactions, *, at_least: float | None) -> Liked:
    """Return the events rated `at_least` so much; all of them where that is None, or where nothing is rated.

    Where an earlier model settled it, its word stands.
    """
    kept = np.ones(len(events.items), dtype=np.bool_)
    if at_least is not None and events.ratings is not None:
        kept = events.ratings >= at_least
    if events.settled is not None:
        kept = np.where(events.settled < 0, kept, events.settled == 1)
    times = None if events.timestamps is None else events.timestamps[kept]
    return Liked(users=events.users[kept], items=events.items[kept], times=times, kept=kept)


def votes(goods: Pantry) -> Floats:
    """Return how often each item was chosen, the catalogue's own votes added, float32 (n,), ≥ 0."""
    brought = catalogue.numbers(goods.catalogue, VOTES)
    counts = _counts(goods).astype(np.float32)
    return counts if brought is None else counts + np.maximum(np.nan_to_num(brought), 0).astype(np.float32)


def popular(goods: Pantry) -> Floats:
    """Return the score for strangers, float32 (n,), ≥ 0: of the events or, without any, of the catalogue's votes."""
    events = goods.interactions
    if not len(events.items):
        means = catalogue.numbers(goods.catalogue, MEANS)
        return popularity.scores(votes(goods).astype(np.float64), means)
    counts = _counts(goods)
    if events.ratings is None or np.nanmax(events.ratings, initial=0.0) > GRADES_END:
        return popularity.scores(counts, None)
    rated = np.isfinite(events.ratings)
    sums = np.bincount(events.items[rated], weights=events.ratings[rated], minlength=len(counts))
    of = np.bincount(events.items[rated], minlength=len(counts))
    return popularity.scores(counts, np.divide(sums, of, out=np.full(len(counts), np.nan), where=of > 0))


def starts(events: Interactions) -> NDArray[np.int64]:
    """Return where each user's events begin, and, last, where they all end: int64 (users + 1,)."""
    return np.searchsorted(events.users, np.arange(len(events.user_ids) + 1)).astype(np.int64)


def _counts(goods: Pantry) -> Doubles:
    return np.bincount(goods.interactions.items, minlength=len(goods.catalogue.ids)).astype(np.float64)
