import numpy as np
import pytest

from kindred.clustering import shards
from kindred.engine.shards import Local


def test_batches_see_every_row_once_and_in_another_order_each_time():
    parts = Local([np.arange(50, dtype=np.float32)[:, None], np.arange(50, 103, dtype=np.float32)[:, None]])
    rng = np.random.default_rng(0)
    first, second = (list(shards.batches(parts, 10, rng=rng)) for _ in range(2))
    assert [len(batch) for batch in first] == [10] * 10 + [3]
    assert sorted(np.concatenate(first)[:, 0]) == list(range(103))
    assert np.concatenate(first).tolist() != np.concatenate(second).tolist()


def test_a_sample_has_no_row_twice_and_no_more_than_there_are():
    rng = np.random.default_rng(0)
    rows = np.arange(40, dtype=np.float32)[:, None]
    assert len(np.unique(shards.sample(Local([rows]), 30, rng=rng))) == 30
    assert shards.sample(Local([rows[:7], rows[7:]]), 99, rng=rng).tolist() == rows.tolist()


@pytest.fixture
def narrow(monkeypatch):
    """Windows of 64 numbers and blocks of 8: two columns make windows of 30 rows, in threes of ten, and blocks of 4."""
    monkeypatch.setattr(shards, "WINDOW_CELLS", 64)
    monkeypatch.setattr(shards, "BLOCK_CELLS", 8)


def two_columns(n):
    return np.repeat(np.arange(n, dtype=np.float32)[:, None], 2, axis=1)


@pytest.mark.parametrize("n", [103, 90, 33])
@pytest.mark.usefixtures("narrow")
def test_what_is_larger_than_a_window_is_seen_once_too(n):
    rows = two_columns(n)
    rng = np.random.default_rng(0)
    first, second = (list(shards.batches(Local([rows[:29], rows[29:]]), 10, rng=rng)) for _ in range(2))
    assert [len(batch) for batch in first] == [10] * (n // 10) + [n % 10] * (n % 10 > 0)
    assert sorted(np.concatenate(first)[:, 0]) == list(range(n))
    assert np.concatenate(first).tolist() != np.concatenate(second).tolist()


@pytest.mark.usefixtures("narrow")
def test_a_window_reads_blocks_of_rows_that_lie_side_by_side():
    taken = []

    class Watched(Local):
        def take(self, numbers):
            taken.append(np.sort(numbers))
            return super().take(numbers)

    made = np.concatenate(list(shards.batches(Watched([two_columns(120)]), 10, rng=np.random.default_rng(0))))
    assert [len(numbers) for numbers in taken] == [30] * 4
    assert all((np.diff(numbers) == 1).sum() >= 20 for numbers in taken)
    assert (np.diff(made[:, 0]) == 1).sum() < 15


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("begun", [0, 1, 3, 4, 10, 11])
def test_who_begins_later_sees_the_same_batches(begun):
    parts = Local([two_columns(103)])
    whole = list(shards.batches(parts, 10, rng=np.random.default_rng(0)))
    later = list(shards.batches(parts, 10, rng=np.random.default_rng(0), begun=begun))
    assert [batch.tolist() for batch in later] == [batch.tolist() for batch in whole[begun:]]
