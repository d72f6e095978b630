"""A row of weight w counts as w rows do; scikit-learn's sample_weight is the oracle."""

import warnings

import numpy as np
import pytest
from sklearn.cluster import KMeans

from kindred.clustering.assignment import means
from kindred.clustering.lloyd import lloyd
from kindred.clustering.seeding import far_rows, seeds
from kindred.engine.pool import Threads

ONE = Threads(1)


def noise(n, d, *, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def counts(n):
    return np.random.default_rng(1).integers(0, 9, size=n).astype(np.float64)


@pytest.mark.parametrize(("passes", "tolerance"), [(1, 1e-4), (7, 0), (300, 1e-4)])
def test_from_the_same_start_it_ends_where_scikit_learn_ends(passes, tolerance):
    rows, weights = noise(1500, 6), counts(1500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = KMeans(12, init=rows[:12], n_init=1, max_iter=passes, tol=tolerance, algorithm="lloyd").fit(
            rows, sample_weight=weights
        )
    centroids, made = lloyd(
        rows, rows[:12], rng=np.random.default_rng(0), pool=ONE, passes=passes, tolerance=tolerance, weights=weights
    )
    np.testing.assert_allclose(centroids, theirs.cluster_centers_, atol=2e-5)
    assert made == theirs.n_iter_


@pytest.mark.parametrize("metric", ["euclidean", "spherical"])
def test_a_weight_is_so_many_copies(metric):
    rows, weights = noise(400, 5), counts(400)
    copies = np.repeat(rows, weights.astype(np.int64), axis=0)
    start = rows[:8] / np.linalg.norm(rows[:8], axis=1, keepdims=True)
    weighted = means(rows, start, pool=ONE, metric=metric, weights=weights, shard_rows=64)
    copied = means(copies, start, pool=ONE, metric=metric)
    np.testing.assert_allclose(weighted[0], copied[0], atol=1e-6)
    assert weighted[1].tolist() == copied[1].tolist()


def test_a_centroid_without_weight_takes_a_row_that_has_some():
    rows = np.array([[0, 0], [0, 1], [9, 9], [20, 20]], dtype=np.float32)
    start = np.array([[0, 0], [50, 50]], dtype=np.float32)
    weights = np.array([1, 1, 1, 0], dtype=np.float64)
    centroids, _ = lloyd(rows, start, rng=np.random.default_rng(0), pool=ONE, weights=weights)
    assert sorted(centroids.tolist()) == [[0, 0.5], [9, 9]]


def test_far_rows_are_drawn_in_proportion_to_their_weights_too():
    rows, distances, rng = np.eye(3, dtype=np.float32), np.ones(3, np.float32), np.random.default_rng(0)
    weights = np.array([0, 1, 3], dtype=np.float64)
    drawn = [far_rows(rows, distances, 1, rng=rng, weights=weights)[0] for _ in range(2000)]
    share = np.bincount(drawn, minlength=3) / 2000
    np.testing.assert_allclose(share, [0, 0.25, 0.75], atol=0.04)


@pytest.mark.parametrize("k", [3, 300])
def test_seeds_are_not_drawn_from_rows_without_weight(k):
    """Three greedily, three hundred in rounds."""
    rows = noise(2000, 4)
    weights = np.where(np.arange(2000) % 2, 1.0, 0.0)
    for seed in range(5):
        drawn = seeds(rows, k, rng=np.random.default_rng(seed), pool=ONE, weights=weights)
        assert len(np.unique(drawn)) == k
        assert (drawn % 2 == 1).all()


def test_the_loop_ends_with_its_pass_once_it_is_told_to():
    rows, asked = noise(500, 4), []

    def stopped():
        asked.append(True)
        return len(asked) == 3

    _, made = lloyd(rows, rows[:9], rng=np.random.default_rng(0), pool=ONE, tolerance=0, stopped=stopped)
    assert made == 3
