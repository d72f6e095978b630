import numpy as np
import pytest

from kindred.clustering import seeding
from kindred.clustering.seeding import far_rows, seeds
from kindred.engine.pool import Threads
from kit.blobs import blobs

ONE = Threads(1)


def draw(rows, k, *, seed=0, pool=ONE, **settings):
    return seeds(rows, k, rng=np.random.default_rng(seed), pool=pool, **settings)


def noise(n, d):
    return np.random.default_rng(0).normal(size=(n, d)).astype(np.float32)


@pytest.mark.parametrize("way", ["kmeans++", "random"])
@pytest.mark.parametrize("k", [1, 5, 300, 400])
def test_seeds_are_k_different_rows(way, k):
    numbers = draw(noise(400, 3), k, seeding=way)
    assert len(np.unique(numbers)) == k
    assert numbers.min() >= 0
    assert numbers.max() < 400


@pytest.mark.parametrize("metric", ["euclidean", "spherical"])
def test_greedy_seeds_hit_every_blob(metric):
    made = blobs(20, each=30)
    lengths = np.random.default_rng(0).uniform(1, 4, size=(600, 1)).astype(np.float32) if metric == "spherical" else 1
    assert len(np.unique(made.labels[draw(made.rows * lengths, 20, metric=metric)])) == 20


def test_seeds_drawn_in_rounds_hit_more_blobs_than_random_ones():
    made = blobs(300, each=20, d=16)
    hit = {way: len(np.unique(made.labels[draw(made.rows, 300, seeding=way)])) for way in ("kmeans++", "random")}
    assert hit["kmeans++"] > 1.3 * hit["random"]


@pytest.mark.parametrize("k", [100, 300])
def test_a_large_set_is_sampled_from_end_to_end(k):
    numbers = draw(noise(3 * seeding.SAMPLE_ROWS, 2), k)
    assert len(np.unique(numbers)) == k
    assert numbers.max() > 2 * seeding.SAMPLE_ROWS


@pytest.mark.parametrize("way", ["kmeans++", "random"])
@pytest.mark.parametrize("k", [5, 300])
def test_rows_of_equal_value_are_drawn_once(k, way):
    rows = np.tile(np.eye(3, dtype=np.float32), (100, 1))
    assert sorted(rows[draw(rows, k, seeding=way)].argmax(axis=1)) == [0, 1, 2]


@pytest.mark.parametrize("way", ["kmeans++", "random"])
def test_rare_values_are_found_where_k_asks_for_them(way):
    rows = np.vstack([np.zeros((9000, 2), np.float32), noise(9, 2)])
    assert len(np.unique(rows[draw(rows, 10, seeding=way)], axis=0)) == 10


@pytest.mark.parametrize("way", ["kmeans++", "random"])
@pytest.mark.parametrize("k", [10, 300])
def test_a_seed_is_a_start_and_threads_do_not_matter(way, k):
    rows = noise(1000, 4)
    first = draw(rows, k, seeding=way)
    assert (first == draw(rows, k, seeding=way, pool=Threads(2))).all()
    assert (first != draw(rows, k, seeding=way, seed=1)).any()


def test_far_rows_are_never_those_that_are_near():
    rows, rng = noise(5, 2), np.random.default_rng(0)
    distances = np.array([0, 1, 0, 1e-14, 5], dtype=np.float32)
    assert sorted(far_rows(rows, distances, 4, rng=rng)) == [1, 4]
    assert len(far_rows(rows, np.zeros(5, np.float32), 2, rng=rng)) == 0


def test_a_row_twice_as_far_squared_is_drawn_twice_as_often():
    rng = np.random.default_rng(0)
    drawn = [far_rows(np.eye(2, dtype=np.float32), np.array([1, 2], np.float32), 1, rng=rng)[0] for _ in range(3000)]
    assert 0.63 < np.mean(drawn) < 0.70
