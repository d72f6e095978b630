import numpy as np
import pytest

from kindred.recommender.scorer import Contributions, history


def test_the_newest_weighs_most_and_the_others_by_their_rank():
    found = history(np.array([7, 3, 5]), recency=1.0)
    assert found.numbers.tolist() == [7, 3, 5]
    np.testing.assert_allclose(found.weights, [1 / 3, 1 / 2, 1])


@pytest.mark.parametrize("recency", [0.5, 1.25])
def test_weights_are_powers_of_the_rank(recency):
    np.testing.assert_allclose(history(np.arange(5), recency=recency).weights, np.arange(5, 0, -1.0) ** -recency)


def test_no_recency_weighs_all_alike():
    assert history(np.array([7, 3, 5]), recency=0.0).weights.tolist() == [1, 1, 1]


def test_a_repeated_item_counts_once_where_it_is_newest():
    found = history(np.array([7, 3, 7, 5, 3]), recency=1.0)
    assert found.numbers.tolist() == [7, 5, 3]
    np.testing.assert_allclose(found.weights, [1 / 3, 1 / 2, 1])


def test_nothing_stays_nothing():
    found = history(np.array([], dtype=np.int64), recency=1.0)
    assert found.numbers.tolist() == found.weights.tolist() == []


def test_contributions_are_whole_when_both_parts_are_added():
    parts = Contributions(local=np.array([[1.0, 2.0]]), taste=np.array([[0.5, -1.0]]))
    assert parts.whole.tolist() == [[1.5, 1.0]]
