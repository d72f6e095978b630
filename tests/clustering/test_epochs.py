import numpy as np
import pytest

from kindred.clustering import epochs
from kindred.clustering.assignment import assign, means, sweep
from kindred.clustering.epochs import Course
from kindred.engine.pool import Threads
from kindred.engine.shards import Local
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


def test_every_epoch_sees_every_row():
    made = blobs(4, each=100)
    first = made.rows[:8]
    weights = [
        centres.weights.sum()
        for centres in epochs.epochs(halves(made.rows), first, course(8, epochs=3), rng=rng(), pool=ONE)
    ]
    assert weights == [400, 800, 1200]


def test_told_to_stop_it_ends_with_the_batch_under_way():
    made = blobs(4, each=100)
    (last,) = epochs.epochs(
        Local([made.rows]), made.rows[:8], course(8, epochs=3), rng=rng(), pool=ONE, stopped=lambda: True
    )
    assert last.weights.sum() == 64


def test_a_pass_is_lloyds():
    made = blobs(6)
    start = made.rows[:6]
    (_, _), (after, found), *_ = epochs.passes(halves(made.rows), start, most=5, rng=rng(), pool=ONE)
    np.testing.assert_allclose(after, means(made.rows, start, pool=ONE)[0], atol=1e-6)
    assert found.squares.sum() == pytest.approx(assign(made.rows, after, pool=ONE)[1].sum(), rel=1e-5)


def test_passes_end_when_they_are_no_longer_worth_it_and_never_make_it_worse():
    rows = np.random.default_rng(0).normal(size=(3000, 4)).astype(np.float32)
    made = [found.squares.sum() for _, found in epochs.passes(Local([rows]), rows[:20], most=200, rng=rng(), pool=ONE)]
    assert len(made) < 100
    assert (np.diff(made) < 0).all()
    assert made[-2] - made[-1] <= epochs.WORTHWHILE * made[-2]
    assert len(list(epochs.passes(Local([rows]), rows[:20], most=0, rng=rng(), pool=ONE))) == 1
    assert len(list(epochs.passes(Local([rows]), rows[:20], most=9, rng=rng(), pool=ONE, stopped=lambda: True))) == 1


def test_a_centroid_without_rows_takes_one():
    made = blobs(3)
    start = np.vstack([made.centres[:2], np.full((1, 8), 100)]).astype(np.float32)
    *_, (centroids, found) = epochs.passes(halves(made.rows), start, most=10, rng=rng(), pool=ONE)
    assert sorted(found.sizes) == [50, 50, 50]
    assert sorted(assign(centroids, made.centres.astype(np.float32), pool=ONE)[0]) == [0, 1, 2]


def test_a_sweep_of_shards_is_a_sweep_of_all_rows_whatever_the_threads():
    rows = np.random.default_rng(0).normal(size=(20_000, 5)).astype(np.float32)
    centroids = rows[:7]
    labels, distances = assign(rows, centroids, pool=ONE)
    one, two = (sweep(halves(rows), centroids, pool=Threads(threads)) for threads in (1, 2))
    assert one.sizes.tolist() == np.bincount(labels).tolist()
    np.testing.assert_allclose(one.squares, np.bincount(labels, distances), rtol=1e-5)
    np.testing.assert_allclose(one.sums[3], rows[labels == 3].sum(axis=0), rtol=1e-4, atol=1e-2)
    assert (one.sums.tobytes(), one.squares.tobytes()) == (two.sums.tobytes(), two.squares.tobytes())
