"""Judging scorers whose quality is known: one that knows the targets, one that knows nothing."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from kindred.recommender import protocols
from kindred.recommender.evaluation import judged, popularity_judged, ranking
from kindred.recommender.scorer import history
from kindred.recommender.singly import Singly
from kit.checkerboard import checkerboard

USERS, ITEMS = 40, 24


@dataclass(frozen=True)
class Table:
    """A scorer that looks its scores up by the newest item of the history, float64 (n, n)."""

    scores_of: np.ndarray
    popularity: np.ndarray

    def candidates(self, given):
        return np.arange(len(self.scores_of)), self.scores_of[given.numbers[-1]]

    def together(self, given):
        return Singly(self, given)


@pytest.fixture(scope="module")
def split():
    board = checkerboard(USERS, ITEMS, tastes=2, hidden=0)
    users, items = (part.astype(np.int32) for part in board.seen.nonzero())
    return protocols.strong(users, items, times=np.zeros(len(users)), heldout=10, rng=np.random.default_rng(0))


def same_taste(split):
    tastes = split.items % 2
    return (tastes[:, None] == tastes[None, :]).astype(np.float64)


def test_a_scorer_that_knows_the_taste_is_perfect(split):
    found = judged(Table(same_taste(split), np.zeros(ITEMS, dtype=np.float32)), split, recency=0.0)
    assert found.ndcg_at_10 == found.hit_rate_at_10 == found.recall_at_20 == pytest.approx(1)
    assert found.coverage_at_10 > 0


def test_a_scorer_that_has_it_backwards_finds_nothing_before_the_end(split):
    found = judged(Table(-same_taste(split), np.zeros(ITEMS, dtype=np.float32)), split, recency=0.0)
    assert found.ndcg_at_10 == found.hit_rate_at_10 == 0


def test_popularity_is_judged_by_the_same_questions(split):
    wanted = np.zeros(ITEMS, dtype=np.float32)
    wanted[np.concatenate(split.targets)] = 1
    some = popularity_judged(Table(same_taste(split), wanted), split)
    none = popularity_judged(Table(same_taste(split), 1 - wanted), split)
    assert some.ndcg_at_10 > none.ndcg_at_10


def test_what_is_popular_is_not_shown_to_those_who_saw_it():
    table = Table(np.eye(4), np.array([0.2, 0.4, 0.2, 0.3], dtype=np.float32))
    histories, targets = ([1], [1, 3], [0]), ([3], [0], [2])
    asked = {"histories": histories, "targets": targets}
    split = SimpleNamespace(
        items=np.arange(4), **{name: [np.array(one) for one in rows] for name, rows in asked.items()}
    )
    found = popularity_judged(table, split)
    # Their lists are 3 0 2, 0 2, and 1 3 2: what is asked for comes first, first, and third.
    assert found.ndcg_at_10 == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert found.coverage_at_10 == 1.0


def test_seen_items_are_not_recommended_and_short_lists_are_filled():
    histories = [np.array([0, 2, 4], dtype=np.int32), np.arange(ITEMS - 2, dtype=np.int32)]
    found = ranking(Table(np.eye(ITEMS), np.zeros(ITEMS, dtype=np.float32)), histories, recency=1.0, k=5)
    assert found.shape == (2, 5)
    for row, seen in zip(found, histories, strict=True):
        assert not set(row.tolist()) & set(seen.tolist())
    assert found[1].tolist() == [ITEMS - 2, ITEMS - 1, -1, -1, -1]


def test_ties_fall_to_the_lower_number():
    table = Table(np.zeros((6, 6)), np.zeros(6, dtype=np.float32))
    assert ranking(table, [np.array([3], dtype=np.int32)], recency=1.0, k=4).tolist() == [[0, 1, 2, 4]]


def test_nobody_known_gets_what_is_popular():
    table = Table(np.zeros((4, 4)), np.array([0.1, 0.4, 0.2, 0.3], dtype=np.float32))
    nobody, somebody = np.array([], dtype=np.int32), np.array([0], dtype=np.int32)
    assert ranking(table, [nobody], recency=1.0, k=3).tolist() == [[1, 3, 2]]
    assert ranking(table, [somebody, nobody], recency=1.0, k=3).tolist() == [[1, 2, 3], [1, 3, 2]]


def test_the_newest_of_the_history_is_the_last():
    table = Table(np.eye(4)[[1, 2, 3, 0]], np.zeros(4, dtype=np.float32))
    assert history(np.array([0, 2]), recency=1.0).weights[-1] == 1
    assert ranking(table, [np.array([0, 2], dtype=np.int32)], recency=1.0, k=1).tolist() == [[3]]
