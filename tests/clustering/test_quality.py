import numpy as np
import pytest

from kindred.clustering.quality import silhouette
from kit.blobs import blobs


def score(rows, labels, centroids, **settings):
    return silhouette(rows, labels, centroids, rng=np.random.default_rng(0), **settings)


@pytest.mark.parametrize("metric", ["euclidean", "spherical"])
def test_tight_clusters_score_near_1_and_shuffled_ones_below_0(metric):
    made = blobs(6, spread=0.01)
    centroids = made.centres.astype(np.float32)
    assert score(made.rows, made.labels, centroids, metric=metric) > 0.9
    assert score(made.rows, (made.labels + 1) % 6, centroids, metric=metric) < -0.9


def test_a_row_half_way_scores_0():
    rows, centroids = np.array([[1, 0]], np.float32), np.array([[0, 0], [2, 0]], np.float32)
    assert score(rows, np.zeros(1, np.int32), centroids) == 0


def test_a_row_on_its_centroid_scores_1_and_equal_centroids_score_0():
    rows, labels = np.array([[0, 0]], np.float32), np.zeros(1, np.int32)
    assert score(rows, labels, np.array([[0, 0], [1, 0]], np.float32)) == 1
    assert score(rows, labels, np.zeros((2, 2), np.float32)) == 0


def test_a_single_cluster_scores_0():
    assert score(np.ones((3, 2), np.float32), np.zeros(3, np.int32), np.ones((1, 2), np.float32)) == 0


def test_a_sample_scores_about_what_all_rows_do():
    rows = np.random.default_rng(0).normal(size=(4000, 3)).astype(np.float32)
    labels = (rows[:, 0] > 0).astype(np.int32)
    centroids = np.array([[-1, 0, 0], [1, 0, 0]], np.float32)
    assert score(rows, labels, centroids, sample_rows=1000) == pytest.approx(score(rows, labels, centroids), abs=0.02)
