import numpy as np

from kindred.clustering import shards

PARTS = [np.arange(12, dtype=np.float32).reshape(4, 3), np.empty((0, 3), np.float32), -np.ones((2, 3), np.float32)]
WHOLE = np.concatenate(PARTS)


def test_rows_are_counted_over_all_shards():
    assert shards.count(PARTS) == 6


def test_rows_are_taken_by_their_number_over_all_shards():
    for numbers in ([], [0], [5], [3, 4], [5, 0, 2], list(range(6))):
        taken = shards.take(PARTS, np.array(numbers, dtype=np.int64))
        assert taken.tolist() == WHOLE[sorted(numbers)].tolist()
        assert taken.shape[1] == 3


def test_batches_see_every_row_once_and_in_another_order_each_time():
    parts = [np.arange(50, dtype=np.float32)[:, None], np.arange(50, 103, dtype=np.float32)[:, None]]
    rng = np.random.default_rng(0)
    first, second = (list(shards.batches(parts, 10, rng=rng)) for _ in range(2))
    assert [len(batch) for batch in first] == [10] * 10 + [3]
    assert sorted(np.concatenate(first)[:, 0]) == list(range(103))
    assert np.concatenate(first).tolist() != np.concatenate(second).tolist()


def test_a_sample_has_no_row_twice_and_no_more_than_there_are():
    rng = np.random.default_rng(0)
    assert len(np.unique(shards.sample([np.arange(40.0)[:, None]], 30, rng=rng))) == 30
    assert shards.sample(PARTS, 99, rng=rng).tolist() == WHOLE.tolist()


def test_rows_of_different_value_are_found_across_shards():
    parts = [np.repeat(np.float32([[1, 2], [3, 4]]), 9, axis=0), np.float32([[3, 4], [5, 6]])]
    assert shards.different(parts, 9).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert len(shards.different(parts, 2)) == 2
