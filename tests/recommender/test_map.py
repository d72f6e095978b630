"""The plane people look at: what is drawn of a catalogue, and where."""

import numpy as np
import pytest

from kindred.recommender.map import drawn, plane


def test_two_dimensions_are_kept_as_they_are():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(50, 2)) * [5, 1]
    turned, _ = np.linalg.qr(rng.normal(size=(8, 2)))
    found = plane((flat @ turned.T + 3).astype(np.float32))
    assert found.dtype == np.float32
    assert _distances(found) == pytest.approx(_distances(flat), abs=1e-4)
    assert found[:, 0].var() > 5 * found[:, 1].var()
    assert found.mean(axis=0) == pytest.approx([0, 0], abs=1e-5)


def test_mirrored_rows_are_told_apart_by_their_farthest():
    rows = np.random.default_rng(1).normal(size=(30, 5)).astype(np.float32)
    found = plane(rows)
    farthest = np.abs(found).argmax(axis=0)
    assert np.all(found[farthest, [0, 1]] > 0)


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (5, 1), (4, 0)])
def test_rows_without_two_dimensions_have_a_place(shape: tuple[int, int]):
    found = plane(np.random.default_rng(2).normal(size=shape).astype(np.float32))
    assert found.shape == (shape[0], 2)
    assert np.all(np.isfinite(found))
    assert not found[:, 1].any()


def test_equal_rows_share_one_place():
    assert not plane(np.ones((6, 3), dtype=np.float32)).any()


def test_the_most_popular_of_the_placed_are_drawn():
    clusters = np.array([0, -1, 1, 0, 1], dtype=np.int32)
    popularity = np.array([1, 9, 5, 5, 0], dtype=np.float32)
    assert sorted(drawn(clusters, popularity, most=2).tolist()) == [2, 3]
    assert drawn(clusters, popularity, most=99).tolist()[2:] == [0, 4]


def test_where_none_is_popular_all_of_the_catalogue_is_drawn_from():
    found = drawn(np.zeros(100_000, dtype=np.int32), np.zeros(100_000, dtype=np.float32), most=1_000)
    assert len(set(found.tolist())) == 1_000
    tenths = np.bincount(found // 10_000, minlength=10)
    assert tenths.min() > 80
    assert tenths.max() < 120


def _distances(places: np.ndarray) -> np.ndarray:
    return np.linalg.norm(places[:, None] - places[None, :], axis=2)
