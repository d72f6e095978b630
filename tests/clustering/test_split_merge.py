import numpy as np
import pytest

from kindred.clustering.assignment import assign
from kindred.clustering.lloyd import lloyd
from kindred.clustering.split_merge import split_merged
from kindred.engine.pool import Threads
from kit.blobs import blobs

ONE = Threads(1)


def square():
    """Four tight groups at the corners of a square of side 10, 20 rows each."""
    corners = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], np.float32)
    noise = np.random.default_rng(0).normal(scale=0.1, size=(80, 2))
    return (np.repeat(corners, 20, axis=0) + noise).astype(np.float32), corners


def test_two_that_share_a_group_become_one_and_the_two_groups_that_share_one_are_cut():
    rows, corners = square()
    poor = np.array([[-0.1, 0], [0.1, 0], [10, 5], [0, 10]], np.float32)
    rested, _ = lloyd(rows, poor, rng=np.random.default_rng(0), pool=ONE)
    assert assign(rows, rested, pool=ONE)[1].sum() > 500
    moved, count = split_merged(rows, rested, pool=ONE)
    assert count == 1
    assert sorted(np.linalg.norm(corners[:, None] - moved, axis=2).argmin(axis=1)) == [0, 1, 2, 3]
    np.testing.assert_allclose(
        moved[np.linalg.norm(corners[:, None] - moved, axis=2).argmin(axis=1)], corners, atol=0.1
    )


def test_where_nothing_is_gained_nothing_moves():
    made = blobs(8)
    centres = made.centres.astype(np.float32)
    moved, count = split_merged(made.rows, centres, pool=ONE)
    assert count == 0
    np.testing.assert_allclose(moved, centres, atol=0.02)


def test_a_centroid_without_rows_is_the_first_to_be_taken():
    rows, corners = square()
    moved, count = split_merged(rows, np.vstack([corners[:3], [[-90, -90]]]).astype(np.float32), pool=ONE)
    assert count == 1
    assert np.abs(moved).max() < 11
    assert assign(rows, moved, pool=ONE)[1].mean() < 100 / 4


@pytest.mark.parametrize("k", [1, 2, 3])
def test_with_too_few_clusters_for_an_exchange_the_means_come_back(k):
    rows, corners = square()
    moved, count = split_merged(rows, corners[:k], pool=ONE)
    assert (moved.shape, count) == ((k, 2), 0)


def test_an_exchange_lowers_the_distances_by_what_it_says():
    rows = np.random.default_rng(0).normal(size=(4000, 6)).astype(np.float32)
    rested, _ = lloyd(rows, rows[:100] * np.float32(0.3), rng=np.random.default_rng(0), pool=ONE, passes=3)
    moved, count = split_merged(rows, rested, pool=Threads(2))
    assert 0 < count <= 33
    assert assign(rows, moved, pool=ONE)[1].sum() < assign(rows, rested, pool=ONE)[1].sum()
