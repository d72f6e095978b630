import numpy as np
import pytest

from kindred.clustering import nested
from kindred.clustering.assignment import assign
from kindred.clustering.nested import Growth
from kindred.clustering.space import unit
from kindred.engine.pool import Threads
from kindred.engine.shards import Local
from kindred.engine.stopping import Heeding
from kit.blobs import blobs

ONE = Threads(1)
SMALL = Growth(rows_per_cluster=16, least_rows=256)


def rng(seed=0):
    return np.random.default_rng(seed)


def msd(rows, centroids, metric="euclidean"):
    return float(assign(rows, centroids, pool=ONE, metric=metric)[1].mean())


@pytest.mark.parametrize("metric", ["euclidean", "spherical"])
def test_from_a_start_within_one_blob_every_blob_is_found(metric):
    made = blobs(24, each=80)
    first = made.rows[made.labels == 0][:24]
    found = nested.grown(Local([made.rows]), first, rng=rng(), pool=ONE, metric=metric, growth=SMALL)
    labels, _ = assign(made.rows, found, pool=ONE, metric=metric)
    assert len({(label, blob) for label, blob in zip(labels, made.labels, strict=True)}) == 24
    if metric == "spherical":
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)


def test_shards_and_threads_change_nothing():
    made = blobs(9, each=300)
    first = made.rows[:40]
    whole = nested.grown(Local([made.rows]), first, rng=rng(), pool=ONE, growth=SMALL)
    parts = Local([made.rows[:700], made.rows[700:]])
    assert nested.grown(parts, first, rng=rng(), pool=Threads(2), growth=SMALL).tobytes() == whole.tobytes()
    assert nested.grown(parts, first, rng=rng(1), pool=ONE, growth=SMALL).tobytes() != whole.tobytes()


def test_the_start_is_not_changed():
    rows = rng().normal(size=(500, 3)).astype(np.float32)
    first, before = rows[:7], rows.copy()
    nested.grown(Local([rows]), first, rng=rng(), pool=ONE)
    assert (rows == before).all()


@pytest.mark.parametrize("k", [1, 2, 59, 60])
def test_one_cluster_and_as_many_as_rows(k):
    rows = rng().normal(size=(60, 4)).astype(np.float32)
    found = nested.grown(Local([rows]), rows[:k], rng=rng(), pool=ONE)
    assert found.shape == (k, 4)
    assert np.isfinite(found).all()
    if k == 1:
        np.testing.assert_allclose(found[0], rows.mean(axis=0), atol=1e-6)
    if k == 60:
        assert msd(rows, found) < 1e-12


def test_equal_rows_and_constant_columns_do_no_harm():
    rows = np.repeat(rng().normal(size=(12, 4)), 100, axis=0).astype(np.float32)
    rows[:, 2] = 3
    found = nested.grown(Local([rows]), rows[::100], rng=rng(), pool=ONE)
    assert msd(rows, found) < 1e-10
    same = np.full((300, 3), 7, np.float32)
    assert (nested.grown(Local([same]), same[:5], rng=rng(), pool=ONE) == 7).all()


def test_far_from_the_origin_as_near_it():
    made = blobs(24, each=80)
    rows = made.rows + np.float32(1000)
    found = nested.grown(Local([rows]), rows[made.labels == 0][:24], rng=rng(), pool=ONE, growth=SMALL)
    assert len(np.unique(assign(rows, found, pool=ONE)[0])) == 24
    assert msd(rows, found) < 1.1 * msd(rows, made.centres.astype(np.float32) + 1000)


def test_spherical_rows_of_any_length_are_as_those_of_length_one():
    rows = rng().normal(size=(600, 5)).astype(np.float32)
    long = rows * rng(1).uniform(0.5, 9, size=(600, 1)).astype(np.float32)
    found = [
        nested.grown(Local([own]), unit(own[:30]), rng=rng(), pool=ONE, metric="spherical") for own in (rows, long)
    ]
    assert msd(rows, found[1], "spherical") == pytest.approx(msd(rows, found[0], "spherical"), rel=0.02)


def test_told_to_stop_it_gives_what_it_has():
    rows = rng().normal(size=(3000, 4)).astype(np.float32)
    at_once = nested.grown(Local([rows]), rows[:20], rng=rng(), pool=Heeding(ONE, lambda: True))
    assert (at_once == rows[:20]).all()
    asked = [True] + [False] * 6
    later = nested.grown(Local([rows]), rows[:20], rng=rng(), pool=Heeding(ONE, asked.pop))
    assert msd(rows, later) < msd(rows, rows[:20])
