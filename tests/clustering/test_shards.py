import numpy as np

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
