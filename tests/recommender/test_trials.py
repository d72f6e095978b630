"""What several λ answer at once is what the model of each would answer, one by one."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from kindred.engine.pool import Threads
from kindred.recommender import trials
from kindred.recommender.blocks import Solution
from kindred.recommender.evaluation import ranking
from kindred.recommender.fit import fit, solutions
from kindred.recommender.given import given
from kindred.recommender.ranking import Ranker
from kindred.recommender.settings import Settings
from kit.checkerboard import checkerboard

RIDGES = (100.0, 3.0)
SETTINGS = Settings(items_per_cluster=8, block=12, keep=5, width=6)


@pytest.fixture(scope="module")
def board():
    return checkerboard(60, 40, tastes=2, hidden=0).seen.astype(np.float32)


@pytest.fixture(scope="module")
def tried(board):
    one = given(board, content=None, settings=SETTINGS)
    return solutions(one, RIDGES, rng=np.random.default_rng(0), pool=Threads(1))


@pytest.fixture(scope="module", params=range(len(RIDGES)))
def model(request, board):
    settings = replace(SETTINGS, ridge=RIDGES[request.param])
    whole = fit(board, content=None, settings=settings, rng=np.random.default_rng(0), pool=Threads(1))
    return request.param, whole


def test_each_solution_is_that_of_a_fit_of_its_own(model, tried):
    at, whole = model
    profiles, found = tried
    assert np.array_equal(found[at].weights.data, whole.block_weights)
    assert np.array_equal(found[at].weights.indices, whole.block_targets)
    assert np.array_equal(found[at].tastes, whole.tastes)
    assert np.array_equal(profiles.astype(np.float32), whole.profiles)


@pytest.mark.parametrize("recency", [0.0, 1.0])
def test_all_at_once_is_one_by_one(model, tried, recency):
    at, whole = model
    profiles, found = tried
    rng = np.random.default_rng(3)
    histories = [rng.permutation(40)[:held].astype(np.int32) for held in (1, 7, 20, 36, 40)]
    asked = trials.asked(histories, items=40)
    together = trials.ranking(asked, found[at], profiles, recency=recency, k=10)
    assert together.tolist() == ranking(Ranker(whole), histories, recency=recency, k=10).tolist()


def answered(scores, histories, *, k):
    """The ranking where item 0 alone pulls, with these scores."""
    items = len(scores)
    pulls = np.zeros((items, items), dtype=np.float32)
    pulls[0] = scores
    solution = Solution(weights=sparse.csr_array(pulls), tastes=np.zeros((items, 1), dtype=np.float32))
    asked = trials.asked([np.array(one, dtype=np.int32) for one in histories], items=items)
    return trials.ranking(asked, solution, np.zeros((items, 1)), recency=0.0, k=k).tolist()


def test_ties_fall_to_the_lower_number_wherever_they_are_cut():
    assert answered([0, 1, 2, 1, 1, 1], [[0], [0, 1]], k=3) == [[2, 1, 3], [2, 3, 4]]
    many = [0.0] + [1.0] * 99
    assert answered(many, [[0, 5]], k=10) == [[1, 2, 3, 4, 6, 7, 8, 9, 10, 11]]


def test_no_item_of_a_history_is_answered_and_short_lists_are_filled():
    assert answered([0, 3, 1, 2], [[0, 1, 2], [0, 1, 2, 3]], k=2) == [[3, -1], [-1, -1]]


def test_the_best_of_many_are_found_wherever_they_stand():
    scores = np.random.default_rng(1).random(500)
    assert answered(scores, [[0]], k=20)[0] == (1 + np.argsort(-scores[1:])[:20]).tolist()


def test_the_best_of_many_are_found_where_they_stand_side_by_side():
    assert answered([0, *range(200, 0, -1)], [[0]], k=20) == [list(range(1, 21))]
    assert answered([0, *range(200)], [[0]], k=20) == [list(range(200, 180, -1))]


def test_the_newest_weighs_most():
    asked = trials.asked([np.array([3, 1], dtype=np.int32), np.array([2], dtype=np.int32)], items=4)
    assert asked.weighted(1.0).toarray().tolist() == [[0, 1, 0, 0.5], [0, 0, 1, 0]]
    assert asked.weighted(0.0).toarray().tolist() == [[0, 1, 0, 1], [0, 0, 1, 0]]
