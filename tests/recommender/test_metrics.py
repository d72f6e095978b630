"""Metrics against answers that a person can work out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.errors import Bug
from kindred.recommender import metrics

K = 4


def lists(*rows):
    return [np.array(row, dtype=np.int32) for row in rows]


def test_recall_counts_hits_over_what_the_list_could_hold():
    ranked = np.array([[7, 1, 8, 2], [0, 1, 2, 3], [5, 6, 7, 8]])
    targets = lists([1, 2, 3], [0, 1, 2, 3, 4, 5, 6, 7], [9])
    assert metrics.recall(ranked, targets, k=K) == pytest.approx([2 / 3, 1, 0])
    assert metrics.recall(ranked, targets, k=2) == pytest.approx([1 / 2, 1, 0])


def test_ndcg_is_one_for_the_ideal_list_and_falls_with_the_place():
    ranked = np.array([[4, 5, 0, 1], [0, 4, 5, 1], [0, 1, 2, 4], [0, 1, 2, 3]])
    targets = lists([4, 5], [4, 5], [4], [4])
    second_third = (1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3))
    assert metrics.ndcg(ranked, targets, k=K) == pytest.approx([1, second_third, 1 / np.log2(5), 0])


def test_reciprocal_rank_and_hit_rate_look_at_the_first_hit_within_k():
    ranked = np.array([[9, 8, 1, 2], [1, 9, 8, 7], [5, 6, 7, 8]])
    targets = lists([1, 2], [1], [1])
    assert metrics.reciprocal_rank(ranked, targets, k=K) == pytest.approx([1 / 3, 1, 0])
    assert metrics.hit_rate(ranked, targets, k=K) == pytest.approx([1, 1, 0])
    assert metrics.hit_rate(ranked, targets, k=2) == pytest.approx([0, 1, 0])


def test_empty_places_are_no_hits():
    ranked = np.array([[-1, -1, -1], [-1, -1, -1], [3, -1, -1]])
    targets = lists([2], [0], [3])
    for metric in (metrics.recall, metrics.ndcg, metrics.hit_rate, metrics.reciprocal_rank):
        assert metric(ranked, targets, k=3) == pytest.approx([0, 0, 1])


def test_a_target_of_one_user_is_no_hit_for_another():
    ranked = np.array([[0, 1], [2, 3]])
    assert metrics.hit_rate(ranked, lists([2, 3], [0, 1]), k=2) == pytest.approx([0, 0])


def test_k_longer_than_the_list_judges_what_is_there():
    ranked = np.array([[1, 2]])
    targets = lists([1, 2, 3, 4])
    assert metrics.recall(ranked, targets, k=10) == pytest.approx([1 / 2])
    assert metrics.ndcg(ranked, targets, k=10)[0] < 1


def test_coverage_counts_distinct_items():
    ranked = np.array([[0, 1, 5], [1, 2, -1]])
    assert metrics.coverage(ranked, items=10, k=2) == pytest.approx(0.3)
    assert metrics.coverage(ranked, items=10, k=3) == pytest.approx(0.4)
    assert metrics.coverage(np.full((2, 3), -1), items=10, k=3) == 0


def test_diversity_by_construction():
    rows = np.array([[2.0, 0], [3, 0], [0, 1], [-1, 0], [0, 0]])
    ranked = np.array([[0, 1, -1], [0, 2, -1], [0, 3, -1], [0, 4, -1], [0, 1, 2], [0, -1, -1]])
    assert metrics.diversity(ranked, rows, k=3) == pytest.approx([0, 1, 2, 1, 2 / 3, 0])


@pytest.mark.parametrize("targets", [lists([1]), lists([1], [])])
def test_targets_that_do_not_fit_are_our_bug(targets):
    with pytest.raises(Bug):
        metrics.recall(np.zeros((2, 3), dtype=np.int32), targets, k=2)


def test_no_users_give_no_figures():
    assert metrics.ndcg(np.zeros((0, 3), dtype=np.int32), [], k=2).shape == (0,)


@given(seed=st.integers(0, 2**32 - 1), k=st.integers(1, 12))
def test_against_the_definitions_written_as_loops(seed, k):
    rng = np.random.default_rng(seed)
    ranked = np.array([rng.permutation(15)[:8] for _ in range(5)])
    targets = [rng.permutation(15)[: rng.integers(1, 15)] for _ in range(5)]
    for row, wanted, recall, ndcg, first in zip(
        ranked,
        targets,
        metrics.recall(ranked, targets, k=k),
        metrics.ndcg(ranked, targets, k=k),
        metrics.reciprocal_rank(ranked, targets, k=k),
        strict=True,
    ):
        places = [place for place, item in enumerate(row[:k], start=1) if item in wanted]
        best = min(k, len(wanted))
        ideal = sum(1 / np.log2(1 + place) for place in range(1, best + 1))
        assert recall == pytest.approx(len(places) / best)
        assert ndcg == pytest.approx(sum(1 / np.log2(1 + place) for place in places) / ideal)
        assert first == pytest.approx(1 / places[0] if places else 0)
