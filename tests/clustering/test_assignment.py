import numpy as np
import pytest
from sklearn.metrics import pairwise_distances_argmin_min

from kindred.clustering.assignment import assign, means
from kindred.clustering.space import unit
from kindred.engine.pool import Threads
from kit.blobs import blobs

ONE = Threads(1)
METRICS = ["euclidean", "spherical"]


def noise(n, d, *, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def test_every_row_goes_to_its_nearest_centroid_as_in_scikit_learn():
    rows, centroids = noise(2000, 8), noise(30, 8, seed=1)
    labels, distances = assign(rows, centroids, pool=ONE)
    right, apart = pairwise_distances_argmin_min(rows.astype(np.float64), centroids.astype(np.float64))
    assert (labels == right).all()
    np.testing.assert_allclose(distances, apart**2, rtol=1e-5)
    assert (labels.dtype, distances.dtype) == (np.int32, np.float32)


def test_spherical_takes_the_largest_cosine_whatever_the_lengths():
    rows, centroids = noise(500, 6), noise(9, 6, seed=1)
    labels, distances = assign(rows * 7, centroids * 3, pool=ONE, metric="spherical")
    cosines = unit(rows).astype(np.float64) @ unit(centroids).astype(np.float64).T
    assert (labels == cosines.argmax(axis=1)).all()
    np.testing.assert_allclose(distances, 2 - 2 * cosines.max(axis=1), atol=1e-6)


def test_on_the_unit_sphere_both_metrics_agree():
    rows, centroids = unit(noise(500, 6)), unit(noise(9, 6, seed=1))
    euclidean, spherical = (assign(rows, centroids, pool=ONE, metric=metric) for metric in METRICS)
    assert (euclidean[0] == spherical[0]).all()
    np.testing.assert_allclose(euclidean[1], spherical[1], atol=1e-6)


def test_a_row_of_length_0_is_as_far_from_every_unit_centroid():
    _, distances = assign(np.zeros((1, 3), np.float32), noise(4, 3), pool=ONE, metric="spherical")
    np.testing.assert_allclose(distances, [1], rtol=1e-6)


def test_far_from_the_origin_nothing_changes():
    made = blobs(5)
    near = assign(made.rows, made.centres.astype(np.float32), pool=ONE)
    far = assign(made.rows + 1000, made.centres.astype(np.float32) + 1000, pool=ONE)
    assert (near[0] == far[0]).all()
    np.testing.assert_allclose(near[1], far[1], atol=0.002)


@pytest.mark.parametrize("metric", METRICS)
def test_shards_and_threads_do_not_change_the_answer(metric):
    rows, centroids = noise(1000, 8), noise(20, 8, seed=1)
    whole = assign(rows, centroids, pool=ONE, metric=metric, shard_rows=1000)
    small = assign(rows, centroids, pool=Threads(2), metric=metric, shard_rows=7)
    assert (whole[0] == small[0]).all()
    assert whole[1].tobytes() == small[1].tobytes()


def test_no_rows_have_no_labels():
    labels, distances = assign(np.empty((0, 3), np.float32), noise(2, 3), pool=ONE)
    assert (labels.shape, distances.shape) == ((0,), (0,))


def test_means_are_of_the_nearest_rows_and_an_idle_centroid_stays():
    rows = np.array([[0, 0], [0, 2], [9, 9]], dtype=np.float32)
    centroids = np.array([[0, 1], [8, 8], [-50, 0]], dtype=np.float32)
    moved, sizes = means(rows, centroids, pool=ONE)
    np.testing.assert_allclose(moved, [[0, 1], [9, 9], [-50, 0]], atol=1e-5)
    assert sizes.tolist() == [2, 1, 0]


def test_spherical_means_are_of_unit_length():
    moved, _ = means(noise(300, 5) * 40, unit(noise(6, 5, seed=1)), pool=ONE, metric="spherical")
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1, rtol=1e-6)


def test_rows_that_cancel_out_leave_their_spherical_centroid_where_it_was():
    rows = np.array([[1, 0], [-1, 0]], dtype=np.float32)
    moved, sizes = means(rows, np.array([[0, 1]], np.float32), pool=ONE, metric="spherical")
    assert (moved.tolist(), sizes.tolist()) == ([[0, 1]], [2])
