import numpy as np
import pytest

from kindred.clustering import epochs
from kindred.clustering.assignment import assign, means, sweep
from kindred.clustering.epochs import Course, Underway
from kindred.clustering.minibatch import begun
from kindred.engine.pool import Threads
from kindred.engine.shards import Local
from kindred.engine.stopping import Heeding, Stopped
from kit.blobs import blobs

ONE = Threads(1)


def course(count, **changes):
    return Course(**{"count": count, "batch_rows": 64, "epochs": 1, "half_life": 0, "seeding": "random", **changes})


def rng(seed=0):
    return np.random.default_rng(seed)


def halves(rows):
    return Local([rows[: len(rows) // 3], rows[len(rows) // 3 :]])


@pytest.mark.parametrize("seeding", ["random", "kmeans++"])
def test_the_first_centres_are_rows_that_differ(seeding):
    made = blobs(4)
    first = epochs.start(halves(made.rows), course(30, seeding=seeding), rng=rng(), pool=ONE)
    assert len(np.unique(first, axis=0)) == 30
    assert {row.tobytes() for row in first} <= {row.tobytes() for row in made.rows}


def test_where_few_rows_differ_all_of_them_are_found():
    rows = np.repeat(np.eye(5, dtype=np.float32), [50_000, 1, 1, 1, 1], axis=0)
    assert len(epochs.start(halves(rows), course(9), rng=rng(), pool=ONE)) == 5


def drawn(number):
    return np.random.default_rng([0, number])


def begun_at(rows):
    return Underway(centres=begun(rows))


def test_every_epoch_sees_every_row():
    made = blobs(4, each=100)
    states = list(
        epochs.epochs(halves(made.rows), begun_at(made.rows[:8]), course(8, epochs=3), chance=drawn, pool=ONE)
    )
    whole = [state for state in states if not state.batches]
    assert [state.centres.weights.sum() for state in whole] == [400, 800, 1200]
    assert [state.epochs for state in whole] == [1, 2, 3]
    assert [state.batches for state in states[:7]] == [1, 2, 3, 4, 5, 6, 0]


def test_who_begins_in_the_middle_ends_at_the_same_bits():
    """[58]"""
    made = blobs(4, each=100)
    rows, asked = halves(made.rows), course(8, epochs=2)
    states = list(epochs.epochs(rows, begun_at(made.rows[:8]), asked, chance=drawn, pool=ONE))
    for state in states:
        *_, last = [state, *epochs.epochs(rows, state, asked, chance=drawn, pool=ONE)]
        assert last.centres.centroids.tobytes() == states[-1].centres.centroids.tobytes()
        assert last.centres.weights.tobytes() == states[-1].centres.weights.tobytes()


def test_told_to_stop_it_ends_within_the_batch():
    made = blobs(4, each=100)
    asked = [True, False, False]
    moving = epochs.epochs(
        Local([made.rows]), begun_at(made.rows[:8]), course(8), chance=drawn, pool=Heeding(ONE, asked.pop)
    )
    assert [next(moving).batches, next(moving).batches] == [1, 2]
    with pytest.raises(Stopped):
        next(moving)


def test_told_to_stop_while_it_draws_it_starts_from_random_rows():
    """[54]"""
    made = blobs(4)
    pool = Heeding(ONE, lambda: True)
    first = epochs.start(halves(made.rows), course(30, seeding="kmeans++"), rng=rng(), pool=pool)
    assert len(np.unique(first, axis=0)) == 30
    assert {row.tobytes() for row in first} <= {row.tobytes() for row in made.rows}


def refined(shards, start, *, most, pool=ONE):
    begun_at = epochs.swept(shards, start, pool=pool)
    return [begun_at, *epochs.passes(shards, begun_at, most=most, chance=drawn, pool=pool)]


def test_a_pass_is_lloyds():
    made = blobs(6)
    start = made.rows[:6]
    _, after, *_ = refined(halves(made.rows), start, most=5)
    np.testing.assert_allclose(after.centroids, means(made.rows, start, pool=ONE)[0], atol=1e-6)
    total = assign(made.rows, after.centroids, pool=ONE)[1].sum()
    assert after.found.squares.sum() == pytest.approx(total, rel=1e-5)
    assert after.totals[-1] == after.found.squares.sum()


def test_passes_end_when_they_are_no_longer_worth_it_and_never_make_it_worse():
    rows = np.random.default_rng(0).normal(size=(3000, 4)).astype(np.float32)
    states = refined(Local([rows]), rows[:20], most=200)
    made = states[-1].totals
    assert len(made) == len(states) < 100
    assert (np.diff(made) < 0).all()
    assert made[-2] - made[-1] <= epochs.WORTHWHILE * made[-2]
    assert len(refined(Local([rows]), rows[:20], most=0)) == 1
    assert len(refined(Local([rows]), rows[:20], most=3)) == 4


def test_passes_from_the_middle_end_at_the_same_bits():
    """[58] empty clusters, which chance refills, among them"""
    rows = np.random.default_rng(0).normal(size=(3000, 4)).astype(np.float32)
    start = np.concatenate([rows[:18], np.full((2, 4), 100, np.float32)])
    states = refined(Local([rows]), start, most=20)
    assert len(states) > 5
    for state in states:
        *_, last = [state, *epochs.passes(Local([rows]), state, most=20, chance=drawn, pool=ONE)]
        assert last.centroids.tobytes() == states[-1].centroids.tobytes()
        assert last.totals == states[-1].totals


def test_a_centroid_without_rows_takes_one():
    made = blobs(3)
    start = np.vstack([made.centres[:2], np.full((1, 8), 100)]).astype(np.float32)
    *_, last = refined(halves(made.rows), start, most=10)
    assert sorted(last.found.sizes) == [50, 50, 50]
    assert sorted(assign(last.centroids, made.centres.astype(np.float32), pool=ONE)[0]) == [0, 1, 2]


def test_a_sweep_of_shards_is_a_sweep_of_all_rows_whatever_the_threads():
    rows = np.random.default_rng(0).normal(size=(20_000, 5)).astype(np.float32)
    centroids = rows[:7]
    labels, distances = assign(rows, centroids, pool=ONE)
    one, two = (sweep(halves(rows), centroids, pool=Threads(threads)) for threads in (1, 2))
    assert one.sizes.tolist() == np.bincount(labels).tolist()
    np.testing.assert_allclose(one.squares, np.bincount(labels, distances), rtol=1e-5)
    np.testing.assert_allclose(one.sums[3], rows[labels == 3].sum(axis=0), rtol=1e-4, atol=1e-2)
    assert (one.sums.tobytes(), one.squares.tobytes()) == (two.sums.tobytes(), two.squares.tobytes())
