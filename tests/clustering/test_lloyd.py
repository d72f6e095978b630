import warnings

import numpy as np
import pytest
from sklearn.cluster import KMeans

from kindred.clustering.assignment import assign
from kindred.clustering.lloyd import lloyd
from kindred.engine.pool import Threads
from kit.blobs import blobs

ONE = Threads(1)
METRICS = ["euclidean", "spherical"]


def run(rows, start, *, pool=ONE, **settings):
    return lloyd(rows, start, rng=np.random.default_rng(0), pool=pool, **settings)


def noise(n, d, *, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def scikit_learn(rows, start, *, passes, tolerance):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return KMeans(len(start), init=start, n_init=1, max_iter=passes, tol=tolerance, algorithm="lloyd").fit(rows)


@pytest.mark.parametrize("d", [2, 17])
@pytest.mark.parametrize(("passes", "tolerance"), [(1, 1e-4), (7, 0), (300, 1e-4)])
def test_from_the_same_start_it_ends_where_scikit_learn_ends(d, passes, tolerance):
    rows = noise(1500, d)
    start = rows[:12]
    theirs = scikit_learn(rows, start, passes=passes, tolerance=tolerance)
    centroids, made = run(rows, start, passes=passes, tolerance=tolerance)
    labels, distances = assign(rows, centroids, pool=ONE)
    np.testing.assert_allclose(centroids, theirs.cluster_centers_, atol=2e-5)
    assert (labels == theirs.labels_).all()
    assert made == theirs.n_iter_
    np.testing.assert_allclose(distances.sum(), theirs.inertia_, rtol=1e-5)


def test_it_ends_when_the_centroids_rest():
    made = blobs(4)
    _, passes = run(made.rows, made.centres.astype(np.float32), passes=50, tolerance=0)
    assert passes == 2


def test_every_pass_brings_the_rows_nearer():
    rows = noise(800, 6)
    sums = [
        assign(rows, run(rows, rows[:15], passes=passes, tolerance=0)[0], pool=ONE)[1].sum() for passes in range(1, 8)
    ]
    assert (np.diff(sums) < 0).all()


@pytest.mark.parametrize("metric", METRICS)
def test_one_thread_is_two_threads_to_the_bit(metric):
    rows = noise(3000, 9)
    one, two = (run(rows, rows[:20], pool=Threads(n), metric=metric, shard_rows=256)[0] for n in (1, 2))
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("metric", METRICS)
def test_shards_of_seven_rows_are_one_shard(metric):
    rows = noise(700, 5)
    small, whole = (run(rows, rows[:10], metric=metric, shard_rows=size, passes=5)[0] for size in (7, 700))
    np.testing.assert_allclose(small, whole, atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
def test_permuted_rows_have_the_same_centroids(metric):
    rows = noise(700, 5)
    order = np.random.default_rng(1).permutation(700)
    straight, permuted = run(rows, rows[:10], metric=metric)[0], run(rows[order], rows[:10], metric=metric)[0]
    np.testing.assert_allclose(straight, permuted, atol=1e-4)


@pytest.mark.parametrize("metric", METRICS)
def test_rows_given_three_times_have_the_same_centroids(metric):
    rows = noise(400, 5)
    once, thrice = (run(np.tile(rows, (copies, 1)), rows[:8], metric=metric)[0] for copies in (1, 3))
    np.testing.assert_allclose(once, thrice, atol=1e-5)


def test_moved_rows_have_moved_centroids():
    made = blobs(6)
    here, there = run(made.rows, made.rows[:6])[0], run(made.rows + 100, made.rows[:6] + 100)[0]
    np.testing.assert_allclose(here + 100, there, atol=1e-3)


def test_spherical_does_not_mind_the_lengths_of_rows():
    rows = noise(500, 5)
    lengths = np.random.default_rng(1).uniform(0.1, 10, size=(500, 1)).astype(np.float32)
    plain, scaled = (run(made, rows[:7], metric="spherical")[0] for made in (rows, rows * lengths))
    np.testing.assert_allclose(plain, scaled, atol=1e-5)


def test_a_centroid_without_rows_takes_one():
    made = blobs(3)
    start = np.vstack([made.centres[:2], np.full((1, 8), 100)]).astype(np.float32)
    centroids, _ = run(made.rows, start)
    np.testing.assert_allclose(sorted(centroids.tolist()), sorted(made.centres.tolist()), atol=0.05)


def test_where_rows_are_too_few_to_go_round_idle_centroids_stay():
    rows = np.repeat(np.eye(2, dtype=np.float32), 5, axis=0)
    centroids, _ = run(rows, np.array([[1, 0], [0, 1], [9, 9]], np.float32))
    assert centroids.tolist() == [[1, 0], [0, 1], [9, 9]]


def test_inputs_are_not_changed():
    rows, start = noise(200, 4), noise(5, 4, seed=1)
    kept = rows.tobytes(), start.tobytes()
    for metric in METRICS:
        run(rows, start, metric=metric, passes=3)
    assert (rows.tobytes(), start.tobytes()) == kept
