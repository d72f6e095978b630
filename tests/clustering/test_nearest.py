import numpy as np

from kindred.clustering import nearest as module
from kindred.clustering.assignment import assign
from kindred.clustering.nearest import nearest
from kindred.engine.pool import Threads


def noise(n, d, *, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def test_it_is_what_training_assigns():
    rows, centroids = noise(3000, 8), noise(40, 8, seed=1)
    labels, distances = nearest(rows, centroids)
    theirs, squared = assign(rows, centroids, pool=Threads(1))
    assert (labels == theirs).all()
    np.testing.assert_allclose(distances, np.sqrt(squared), rtol=1e-6)


def test_the_distance_is_euclidean_and_not_squared():
    labels, distances = nearest(np.float32([[3, 4], [11, 0]]), np.float32([[0, 0], [10, 0]]))
    assert (labels.tolist(), distances.tolist()) == ([0, 1], [5, 1])


def test_far_from_the_origin_no_digit_is_lost():
    _, distances = nearest(np.float32([[1e6 + 1, 1e6]]), np.float32([[1e6, 1e6], [0, 0]]))
    assert distances.tolist() == [1]


def test_numbers_beyond_the_square_root_of_float32_have_a_distance():
    _, distances = nearest(np.float32([[1e30]]), np.float32([[-1e30]]))
    np.testing.assert_allclose(distances, [2e30], rtol=1e-6)


def test_few_rows_at_a_time_are_all_at_once(monkeypatch):
    rows, centroids = noise(100, 4), noise(9, 4, seed=1)
    whole = nearest(rows, centroids)
    monkeypatch.setattr(module, "MOST_SCORES", 50)
    parts = nearest(rows, centroids)
    assert [part.tolist() for part in parts] == [part.tolist() for part in whole]
