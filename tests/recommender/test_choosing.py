"""The best n, and the best n spread over clusters."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.recommender.choosing import Chosen, best, diverse, without


def positions(*numbers):
    return np.array(numbers, dtype=np.int64)


def test_the_best_come_first():
    found = best(positions(3, 1, 2), np.array([0.1, 0.9, 0.5]), n=2, id_ranks=np.arange(4, dtype=np.int32))
    assert found.numbers.tolist() == [1, 2]
    assert found.scores.tolist() == [0.9, 0.5]


def test_ties_fall_to_the_lower_id_even_where_the_cut_is_among_them():
    id_ranks = np.array([3, 2, 1, 0], dtype=np.int32)
    found = best(positions(0, 1, 2, 3), np.array([1.0, 1.0, 1.0, 2.0]), n=2, id_ranks=id_ranks)
    assert found.numbers.tolist() == [3, 2]


@pytest.mark.parametrize("n", [3, 4, 10**9])
def test_more_than_there_are_is_all_there_are(n):
    found = best(positions(0, 1, 2), np.array([1.0, 3.0, 2.0]), n=n, id_ranks=np.arange(3, dtype=np.int32))
    assert found.numbers.tolist() == [1, 2, 0]


def test_none_of_some_and_some_of_none_are_none():
    ranks = np.arange(3, dtype=np.int32)
    assert best(positions(0, 1), np.array([1.0, 2.0]), n=0, id_ranks=ranks).numbers.tolist() == []
    assert best(positions(), np.zeros(0), n=5, id_ranks=ranks).numbers.tolist() == []


@given(st.lists(st.sampled_from([-1.5, 0.0, 0.1, 0.25, 7.0]), max_size=60), st.integers(0, 70), st.integers(0, 99))
def test_it_is_the_start_of_a_full_sort(values, n, seed):
    rng = np.random.default_rng(seed)
    numbers, id_ranks = rng.permutation(100)[: len(values)], rng.permutation(100).astype(np.int32)
    found = best(numbers, np.array(values, dtype=np.float64), n=n, id_ranks=id_ranks)
    expected = sorted(zip(numbers.tolist(), values, strict=True), key=lambda one: (-one[1], id_ranks[one[0]]))[:n]
    assert list(zip(found.numbers.tolist(), found.scores.tolist(), strict=True)) == expected


def test_without_drops_those_named_and_ignores_strangers():
    numbers, scores = without(positions(5, 6, 7), np.array([0.5, 0.6, 0.7]), positions(6, 99))
    assert numbers.tolist() == [5, 7]
    assert scores.tolist() == [0.5, 0.7]
    assert without(numbers, scores, positions())[0].tolist() == [5, 7]


def pool(size=50, seed=0):
    rng = np.random.default_rng(seed)
    return Chosen(numbers=rng.permutation(size), scores=np.sort(rng.random(size))[::-1])


def test_no_strength_changes_nothing():
    found = diverse(pool(), np.zeros(50, dtype=np.int32), n=10, strength=0.0)
    assert found.numbers.tolist() == pool().numbers[:10].tolist()
    assert found.scores.tolist() == pool().scores[:10].tolist()


def test_each_item_costs_the_others_of_its_cluster_a_share_of_the_range():
    chosen = Chosen(numbers=positions(0, 1, 2, 3), scores=np.array([1.0, 0.9, 0.7, 0.0]))
    found = diverse(chosen, np.array([0, 0, 1, 1], dtype=np.int32), n=4, strength=0.25)
    assert found.numbers.tolist() == [0, 2, 1, 3]
    np.testing.assert_allclose(found.scores, [1.0, 0.7, 0.65, -0.25])


@given(st.integers(0, 1000), st.floats(0, 2), st.integers(0, 80))
def test_scores_never_rise_and_nothing_comes_twice(seed, strength, n):
    clusters = np.random.default_rng(seed).integers(-1, 5, 50).astype(np.int32)
    found = diverse(pool(seed=seed), clusters, n=n, strength=strength)
    assert len(set(found.numbers.tolist())) == len(found.numbers) == min(n, 50)
    assert (np.diff(found.scores) <= 0).all()


def test_more_clusters_are_seen_than_without():
    # the ten best are all of cluster 0
    clusters = np.repeat(np.arange(5, dtype=np.int32), 10)
    chosen = Chosen(numbers=np.arange(50), scores=np.linspace(1, 0, 50))
    seen = [len(set(clusters[diverse(chosen, clusters, n=10, strength=s).numbers].tolist())) for s in (0.0, 0.05, 0.5)]
    assert seen[0] == 1 < seen[1] < seen[2] == 5


def test_equal_scores_and_no_scores_stay_in_their_order():
    flat = Chosen(numbers=positions(4, 2, 9), scores=np.ones(3))
    assert diverse(flat, np.zeros(10, dtype=np.int32), n=2, strength=0.5).numbers.tolist() == [4, 2]
    nothing = Chosen(numbers=positions(), scores=np.zeros(0))
    assert diverse(nothing, np.zeros(10, dtype=np.int32), n=2, strength=0.5).numbers.tolist() == []


def test_the_pool_is_left_as_it_was():
    chosen = pool()
    chosen.scores.setflags(write=False)
    diverse(chosen, np.zeros(50, dtype=np.int32), n=10, strength=0.5)
