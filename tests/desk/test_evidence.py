"""What is shown to a stranger, where it is known who should come first."""

import numpy as np
import pytest

from kindred.data.values import Catalogue, Column, Interactions, Pantry
from kindred.desk import evidence

MANY, FEW = 0, 1
"""Item 0 was chosen by thirty users, item 1 by ten."""


def pantry(ratings: tuple[float, float] | None, columns: dict[str, list[float]] | None = None) -> Pantry:
    """Each item has its own rating, given by all of its users; without ratings there are no events."""
    count = 40 if ratings else 0
    items = np.array([MANY] * 30 + [FEW] * 10, dtype=np.int32)[:count]
    events = Interactions(
        users=np.arange(count, dtype=np.int32),
        items=items,
        ratings=np.array(ratings, dtype=np.float32)[items] if ratings else None,
        timestamps=None,
        user_ids=tuple(map(str, range(count))),
    )
    made = {
        name: Column(kind="numeric", numbers=np.array(told, dtype=np.float64)) for name, told in (columns or {}).items()
    }
    catalogue = Catalogue(ids=("a", "b"), titles=("A", "B"), described=np.ones(2, dtype=np.bool_), columns=made)
    return Pantry(interactions=events, catalogue=catalogue, warnings=(), fingerprint="")


def test_who_played_for_days_does_not_make_an_item_popular():
    """Thirty played the one for an hour each, ten the other for a thousand."""
    assert np.argmax(evidence.popular(pantry((60, 60_000)))) == MANY
    assert np.argmax(evidence.popular(pantry((1, 10)))) == FEW  # grades still count


@pytest.mark.parametrize("names", [("votes", "average_rating"), ("vote_count", "vote_average"), ("numVotes", "Rating")])
def test_a_catalogue_says_itself_what_is_popular(names: tuple[str, str]):
    votes, means = names
    assert np.argmax(evidence.popular(pantry(None, {votes: [900, 3], means: [7, 7]}))) == 0
    assert np.argmax(evidence.popular(pantry(None, {votes: [900, 900], means: [5, 8]}))) == 1
    assert evidence.votes(pantry(None, {votes: [900, np.nan]})).tolist() == [900, 0]
