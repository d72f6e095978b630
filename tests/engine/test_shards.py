import numpy as np

from kindred.engine.pool import Threads
from kindred.engine.shards import PIECE_ROWS, Local

PARTS = [np.arange(12, dtype=np.float32).reshape(4, 3), np.empty((0, 3), np.float32), -np.ones((2, 3), np.float32)]
WHOLE = np.concatenate(PARTS)
SHARDS = Local(PARTS)


def test_rows_are_counted_over_all_shards():
    assert (SHARDS.count, SHARDS.width) == (6, 3)


def test_rows_are_taken_by_their_number_over_all_shards():
    for numbers in ([], [0], [5], [3, 4], [5, 0, 2], list(range(6))):
        taken = SHARDS.take(np.array(numbers, dtype=np.int64))
        assert taken.tolist() == WHOLE[sorted(numbers)].tolist()
        assert taken.shape[1] == 3


def test_a_total_adds_up_every_piece_once():
    rows = np.random.default_rng(0).normal(size=(3 * PIECE_ROWS + 5, 2)).astype(np.float32)

    def task(piece):
        assert 0 < len(piece) <= PIECE_ROWS
        return piece.sum(axis=0, dtype=np.float64), np.array(len(piece))

    sums, count = Local([rows[:10], rows[10:]]).total(task, pool=Threads(2))
    np.testing.assert_allclose(sums, rows.sum(axis=0, dtype=np.float64))
    assert count == len(rows)


def test_rows_of_different_value_are_found_across_shards():
    shards = Local([np.repeat(np.float32([[1, 2], [3, 4]]), 9, axis=0), np.float32([[3, 4], [5, 6]])])
    assert shards.different(9).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert len(shards.different(2)) == 2
