import numpy as np
import pytest

from kindred.clustering.assignment import assign
from kindred.clustering.minibatch import begun, moved
from kindred.engine.pool import Threads
from kit.blobs import blobs

ONE = Threads(1)


def f32(values):
    return np.array(values, dtype=np.float32)


def test_the_first_rows_of_a_centre_take_its_place():
    centres = moved(begun(f32([[0, 0], [10, 10]])), f32([[1, 1], [3, 1]]), pool=ONE)
    assert centres.centroids.tolist() == [[2, 1], [10, 10]]
    assert centres.weights.tolist() == [2, 0]


def test_a_centre_is_the_mean_of_all_rows_that_it_stands_for():
    centres = begun(f32([[0], [100]]))
    for batch in ([[1], [2]], [[3], [4], [5]], [[6], [90]]):
        centres = moved(centres, f32(batch), pool=ONE)
    np.testing.assert_allclose(centres.centroids, [[3.5], [90]], rtol=1e-6)
    assert centres.weights.tolist() == [6, 1]


def test_after_its_half_life_a_row_counts_half():
    centres = moved(begun(f32([[0]])), f32([[0]] * 4), pool=ONE, half_life=2)
    assert centres.weights.tolist() == [4]
    centres = moved(centres, f32([[8]] * 2), pool=ONE, half_life=2)
    assert centres.weights.tolist() == [4]  # four that count half, and two
    assert centres.centroids.tolist() == [[4]]


def test_without_a_half_life_the_old_outweigh_the_new_and_with_one_they_are_forgotten():
    kept = gone = begun(f32([[0]]))
    for batch in [[[0]] * 100] + [[[1]] * 10] * 5:
        kept, gone = moved(kept, f32(batch), pool=ONE), moved(gone, f32(batch), pool=ONE, half_life=5)
    assert kept.centroids[0, 0] == pytest.approx(50 / 150)
    assert gone.centroids[0, 0] == pytest.approx(1, abs=1e-2)


def test_batches_find_the_blobs_that_they_start_in():
    made = blobs(5, each=400)
    first = np.stack([made.rows[made.labels == label][0] for label in range(5)])
    centres = begun(first)
    for at in range(0, len(made.rows), 100):
        centres = moved(centres, made.rows[at : at + 100], pool=ONE)
    np.testing.assert_allclose(centres.centroids, made.centres, atol=0.01)
    assert centres.weights.tolist() == [400] * 5
    assert (assign(made.rows, centres.centroids, pool=ONE)[0] == made.labels).all()


def test_the_given_centres_and_rows_are_not_changed():
    made = blobs(3)
    centres = begun(made.rows[:7].copy())
    kept = centres.centroids.tobytes(), centres.weights.tobytes(), made.rows.tobytes()
    moved(centres, made.rows, pool=ONE, half_life=3)
    assert (centres.centroids.tobytes(), centres.weights.tobytes(), made.rows.tobytes()) == kept
