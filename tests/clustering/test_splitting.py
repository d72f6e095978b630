import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindred.clustering.splitting import split_oversized
from kindred.engine.pool import Threads
from kit.blobs import blobs

ONE = Threads(1)


def labels_of(*sizes):
    return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)


@settings(deadline=None, max_examples=50)
@given(
    sizes=st.lists(st.integers(0, 120), min_size=1, max_size=5),
    most=st.integers(1, 60),
    distinct=st.integers(1, 8),
    metric=st.sampled_from(["euclidean", "spherical"]),
)
def test_none_is_over_the_most_and_none_gains_rows_of_another(sizes, most, distinct, metric):
    labels = labels_of(*sizes)
    rows = np.random.default_rng(0).normal(size=(distinct, 3)).astype(np.float32)[np.arange(len(labels)) % distinct]
    found, centroids = split_oversized(
        rows, labels, np.zeros((len(sizes), 3), np.float32), most=most, pool=ONE, metric=metric
    )
    assert np.bincount(found, minlength=1).max() <= most
    assert len(centroids) >= len(sizes)
    for part in np.unique(found):
        assert len(np.unique(labels[found == part])) == 1


def test_two_blobs_in_one_cluster_are_told_apart():
    made = blobs(2, each=50)
    labels, centroids = split_oversized(
        made.rows, labels_of(100), made.centres[:1].astype(np.float32), most=60, pool=ONE
    )
    assert len(np.unique(labels[made.labels == 0])) == len(np.unique(labels[made.labels == 1])) == 1
    for label in (0, 1):
        np.testing.assert_allclose(centroids[label], made.rows[labels == label].mean(axis=0), atol=1e-6)


def test_clusters_within_the_most_are_as_they_were():
    rows = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    given_labels, given_centroids = labels_of(5, 20, 5), np.ones((3, 2), np.float32)
    labels, centroids = split_oversized(rows, given_labels, given_centroids, most=10, pool=ONE)
    assert (labels[:5] == 0).all()
    assert (labels[25:] == 2).all()
    assert centroids[[0, 2]].tolist() == [[1, 1], [1, 1]]
    assert given_labels.tolist() == labels_of(5, 20, 5).tolist()


@pytest.mark.parametrize("metric", ["euclidean", "spherical"])
def test_rows_of_equal_value_are_cut_evenly(metric):
    labels, _ = split_oversized(
        np.ones((64, 3), np.float32), labels_of(64), np.ones((1, 3), np.float32), most=16, pool=ONE, metric=metric
    )
    assert np.bincount(labels).tolist() == [16] * 4


def test_one_far_row_does_not_cost_a_cut_of_its_own():
    rows = np.zeros((100, 2), np.float32)
    rows[0] = 1000
    labels, _ = split_oversized(rows, labels_of(100), np.zeros((1, 2), np.float32), most=50, pool=ONE)
    assert np.bincount(labels).tolist() == [50, 50]


def test_spherical_parts_have_unit_centroids():
    rows = np.random.default_rng(0).normal(size=(90, 4)).astype(np.float32) * 5
    _, centroids = split_oversized(
        rows, labels_of(90), np.ones((1, 4), np.float32), most=20, pool=ONE, metric="spherical"
    )
    np.testing.assert_allclose(np.linalg.norm(centroids, axis=1), 1, rtol=1e-6)


def test_one_thread_is_two_threads_to_the_bit():
    rows = np.random.default_rng(0).normal(size=(900, 4)).astype(np.float32)
    one, two = (
        split_oversized(rows, labels_of(300, 600), np.zeros((2, 4), np.float32), most=40, pool=Threads(threads))
        for threads in (1, 2)
    )
    assert (one[0].tobytes(), one[1].tobytes()) == (two[0].tobytes(), two[1].tobytes())
