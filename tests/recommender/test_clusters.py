import numpy as np
import pytest

from kindred.engine.pool import Threads
from kindred.recommender import clusters
from kindred.recommender.settings import Settings
from kit.blobs import blobs

POOL = Threads(1)


def rng():
    return np.random.default_rng(0)


def test_unit_rows_have_length_one_and_nothing_stays_nothing():
    found = clusters.unit_rows(np.array([[3, 4], [0, 0], [0, 1e-3]], dtype=np.float32))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0], [0, 1]], rtol=1e-6)
    assert found.dtype == np.float32


def test_the_space_of_blocks_has_viewers_first_and_half_as_much_metadata_beside():
    embedding = np.array([[2, 0], [0, 5]], dtype=np.float32)
    content = np.array([[7], [0]], dtype=np.float32)
    found = clusters.block_space(embedding, content, content_share=0.5)
    np.testing.assert_allclose(found, [[1 / 1.25**0.5, 0, 0.5 / 1.25**0.5], [0, 1, 0]], rtol=1e-6)
    np.testing.assert_allclose(clusters.block_space(embedding, None, content_share=0.5), np.eye(2), rtol=1e-6)


def test_blocks_have_about_the_number_of_items_wished_for():
    rows = np.random.default_rng(1).normal(size=(540, 6)).astype(np.float32)
    labels = clusters.of_blocks(clusters.unit_rows(rows), Settings(), rng=rng(), pool=POOL)
    assert labels.shape == (540,)
    assert 10 <= len(np.unique(labels)) <= 13
    assert np.bincount(labels).max() <= 3 * 54


@pytest.mark.parametrize("distinct", [1, 2, 5])
def test_no_block_is_huge_however_few_rows_are_distinct(distinct):
    rows = clusters.unit_rows(np.random.default_rng(1).normal(size=(distinct, 6)).astype(np.float32))
    labels = clusters.of_blocks(np.resize(rows, (3000, 6)), Settings(), rng=rng(), pool=POOL)
    assert np.bincount(labels).max() <= 3 * 54


@pytest.mark.parametrize(("items", "most"), [(1, 1), (19, 2), (60, 3), (1280, 64), (5000, 64)])
def test_tastes_are_one_for_twenty_items_but_two_at_least_and_no_more_than_asked(items, most):
    rows = np.random.default_rng(1).normal(size=(items, 6)).astype(np.float32)
    assert len(clusters.of_tastes(rows, Settings(), rng=rng(), pool=POOL).sizes) == most


def test_tastes_are_the_blobs_whatever_the_length_of_the_rows():
    made = blobs(4, each=40)
    lengths = np.random.default_rng(2).uniform(0.1, 10, (160, 1))
    found = clusters.of_tastes((made.rows * lengths).astype(np.float32), Settings(tastes=4), rng=rng(), pool=POOL)
    assert len(set(zip(found.labels.tolist(), made.labels.tolist(), strict=True))) == 4


def drawn_from(centres, *, each, width, seed=0):
    rng = np.random.default_rng(seed)
    middles = clusters.unit_rows(rng.normal(size=(centres, width)))
    return clusters.unit_rows(np.repeat(middles, each, axis=0) + 0.25 * rng.normal(size=(centres * each, width)))


def apart(rows, labels):
    """The mean of 2 - 2 cos to the own centroid."""
    sums = np.zeros((labels.max() + 1, rows.shape[1]))
    np.add.at(sums, labels, rows)
    return float((2 - 2 * (rows * clusters.unit_rows(sums)[labels]).sum(axis=1)).mean())


def test_two_levels_are_nearly_as_good_as_one(monkeypatch):
    rows = drawn_from(64, each=40, width=12)
    settings = Settings(items_per_cluster=20, size_cap=100.0)
    one = clusters.of_blocks(rows, settings, rng=rng(), pool=POOL)
    monkeypatch.setattr(clusters, "TWO_LEVELS_FROM", 100)
    two = clusters.of_blocks(rows, settings, rng=rng(), pool=POOL)
    assert one.max() + 1 == 128
    assert abs(int(two.max()) + 1 - 128) <= 12
    assert apart(rows, two) < 1.15 * apart(rows, one)
    assert apart(rows, np.random.default_rng(0).permutation(two)) > 1.5 * apart(rows, two)


@pytest.mark.parametrize("threads", [1, 2])
def test_two_levels_are_the_same_on_any_pool(monkeypatch, threads):
    monkeypatch.setattr(clusters, "TWO_LEVELS_FROM", 10)
    rows = drawn_from(16, each=30, width=6)
    asked = Settings(items_per_cluster=20)
    one, other = (clusters.of_blocks(rows, asked, rng=rng(), pool=pool) for pool in (POOL, Threads(threads)))
    assert (one == other).all()
