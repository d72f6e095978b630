import numpy as np
import pytest

from kindred.clustering.assignment import assign
from kindred.clustering.minibatch import Centres
from kindred.clustering.reduction import Trials, reduced
from kindred.engine.pool import Threads
from kit.blobs import blobs

ONE = Threads(1)


def f32(values):
    return np.array(values, dtype=np.float32)


def reduce(centres, k, *, trials=10, seed=0, pool=ONE, **settings):
    way = Trials(count=trials, **{name: settings.pop(name) for name in ("seeding", "passes") if name in settings})
    return reduced(centres, k, trials=way, rng=np.random.default_rng(seed), pool=pool, **settings)


def scattered(k=6, *, each=10):
    made = blobs(k, each=each)
    return made, Centres(centroids=made.rows, weights=np.ones(len(made.rows)))


@pytest.mark.parametrize("seeding", ["kmeans++", "random"])
def test_many_centres_in_a_few_blobs_become_the_blobs(seeding):
    made, centres = scattered()
    found = reduce(centres, 6, trials=20, seeding=seeding)
    labels, _ = assign(found, f32(made.centres), pool=ONE)
    assert sorted(labels) == list(range(6))
    np.testing.assert_allclose(found, made.centres[labels], atol=0.03)


def test_a_heavy_centre_draws_the_mean_to_itself():
    found = reduce(Centres(centroids=f32([[0], [1], [50]]), weights=np.array([3.0, 1, 1])), 2)
    np.testing.assert_allclose(sorted(found.tolist()), [[0.25], [50]], atol=1e-6)


def test_as_many_as_there_are_come_back_as_they_are():
    _, centres = scattered(2, each=4)
    assert reduce(centres, 8).tolist() == centres.centroids.tolist()


def test_centres_that_stand_for_nothing_are_left_out_unless_they_are_needed():
    centroids = f32([[0], [1], [100], [7]])
    weights = np.array([5.0, 5, 0, 2])
    assert sorted(reduce(Centres(centroids=centroids, weights=weights), 3).tolist()) == [[0], [1], [7]]
    idle = Centres(centroids=centroids, weights=np.array([5.0, 0, 0, 2]))
    assert {0, 7} < {value for (value,) in reduce(idle, 3).tolist()}


def test_the_best_trial_is_taken():
    _, centres = scattered(20, each=5)

    def losses(trials):
        found = [reduce(centres, 20, trials=trials, seeding="random", seed=seed) for seed in range(5)]
        return np.array([assign(centres.centroids, each, pool=ONE)[1].sum() for each in found])

    one, many = losses(1), losses(20)
    assert (many <= one).all()
    assert many.mean() < one.mean()


def test_one_thread_is_two_threads_to_the_bit():
    _, centres = scattered()
    assert reduce(centres, 4).tobytes() == reduce(centres, 4, pool=Threads(2)).tobytes()


def test_told_to_stop_it_still_leaves_as_many_as_asked():
    _, centres = scattered()
    assert reduce(centres, 6, stopped=lambda: True).shape == (6, 8)
