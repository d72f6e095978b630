import dataclasses

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from kindred.clustering.kmeans import assign, fit
from kindred.engine.pool import Threads
from kindred.errors import UserError
from kit.blobs import blobs

ONE = Threads(1)
METRICS = ["euclidean", "spherical"]


def cluster(rows, k, *, seed=0, pool=ONE, **settings):
    return fit(rows, k, rng=np.random.default_rng(seed), pool=pool, **settings)


def noise(n, d):
    return np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)


def bits(clusters):
    return [getattr(value, "tobytes", lambda v=value: v)() for value in dataclasses.astuple(clusters)]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 2, 12])
def test_blobs_are_recovered(metric, k):
    made = blobs(k)
    found = cluster(made.rows, k, metric=metric)
    assert adjusted_rand_score(made.labels, found.labels) == 1
    assert found.sizes.tolist() == [50] * k
    np.testing.assert_allclose(found.centroids[found.labels], made.centres[made.labels], atol=0.05)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("settings", [{}, {"train_rows": 300}, {"seeding": "random", "passes": 2}])
def test_the_parts_of_an_answer_agree(metric, settings):
    rows = noise(1000, 6)
    found = cluster(rows, 25, metric=metric, **settings)
    types = [found.centroids.dtype, found.labels.dtype, found.sizes.dtype, found.distances.dtype]
    assert types == [np.float32, np.int32, np.int64, np.float32]
    assert found.sizes.tolist() == np.bincount(found.labels, minlength=len(found.centroids)).tolist()
    assert found.sizes.min() > 0
    points = rows / np.linalg.norm(rows, axis=1, keepdims=True) if metric == "spherical" else rows
    right = np.square(points.astype(np.float64) - found.centroids[found.labels]).sum(axis=1)
    np.testing.assert_allclose(found.distances, right, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("metric", METRICS)
def test_every_row_is_in_its_nearest_cluster(metric):
    rows = noise(1000, 6)
    found = cluster(rows, 25, metric=metric, train_rows=300)
    assert (assign(rows, found.centroids, pool=ONE, metric=metric)[0] == found.labels).all()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("settings", [{}, {"train_rows": 700}, {"seeding": "random"}])
def test_a_seed_gives_the_same_bits_on_any_number_of_threads(metric, settings):
    rows = noise(1000, 6)
    one, again, two = (
        cluster(rows, 25, metric=metric, pool=Threads(n), shard_rows=128, passes=6, **settings) for n in (1, 1, 2)
    )
    assert bits(one) == bits(again) == bits(two)


def test_another_seed_gives_other_clusters():
    rows = noise(2000, 6)
    assert bits(cluster(rows, 25)) != bits(cluster(rows, 25, seed=1))


def test_a_part_of_the_rows_is_enough_for_blobs():
    made = blobs(8, each=200)
    found = cluster(made.rows, 8, train_rows=160)
    assert adjusted_rand_score(made.labels, found.labels) == 1


def test_it_never_trains_on_fewer_rows_than_clusters():
    assert len(cluster(noise(100, 3), 60, train_rows=10).centroids) == 60


@pytest.mark.parametrize("seeding", ["kmeans++", "random"])
@pytest.mark.parametrize("metric", METRICS)
def test_every_distinct_row_has_a_cluster_where_k_is_larger(metric, seeding):
    distinct = blobs(7, each=1).rows
    rows = distinct[np.random.default_rng(0).permutation(np.repeat(np.arange(7), [1, 1, 1, 1, 2, 30, 40]))]
    found = cluster(rows, 20, metric=metric, seeding=seeding)
    assert len(found.centroids) == 7
    np.testing.assert_allclose(found.distances, 0, atol=1e-10)


def test_as_many_clusters_as_rows_puts_each_in_its_own():
    assert cluster(noise(40, 3), 40).sizes.tolist() == [1] * 40


def test_rows_without_columns_or_length_are_one_cluster():
    assert cluster(np.zeros((5, 2), np.float32), 3, metric="spherical").sizes.tolist() == [5]


@pytest.mark.parametrize("metric", METRICS)
def test_inputs_are_not_changed(metric):
    rows = noise(500, 4)
    rows.flags.writeable = False
    cluster(rows, 10, metric=metric, train_rows=200)


@pytest.mark.parametrize("k", [-1, 0, 11])
def test_k_outside_the_rows_is_refused_by_number(k):
    with pytest.raises(UserError, match=f"cannot make {k} clusters of 10 rows: expected a number from 1 to 10"):
        cluster(noise(10, 2), k)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("metric", METRICS)
def test_a_row_that_is_not_finite_is_named(value, metric):
    rows = noise(100, 3)
    rows[73, 1] = value
    with pytest.raises(UserError, match="row 73 "):
        cluster(rows, 5, metric=metric, shard_rows=10)
