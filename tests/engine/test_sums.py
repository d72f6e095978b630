import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.engine.pool import Threads
from kindred.engine.sums import row_shards, total
from kindred.errors import Bug


def test_arrays_are_summed_element_by_element():
    first, second = total(lambda shard: (np.full(2, shard), np.full((1, 3), -shard)), [1, 2, 3], pool=Threads(2))
    assert first.tolist() == [6, 6]
    assert second.tolist() == [[-6, -6, -6]]


def test_sums_of_float32_are_float64():
    (found,) = total(lambda _: (np.ones(1, dtype=np.float32),), range(3), pool=Threads(1))
    assert found.dtype == np.float64


def test_float32_parts_lose_nothing_when_summed():
    parts = [np.float32(2**24), np.float32(1), np.float32(1)]
    (found,) = total(lambda part: (np.array([part]),), parts, pool=Threads(1))
    assert found[0] == 2**24 + 2


def test_a_part_is_not_written_to():
    part = np.ones(2)
    total(lambda _: (part,), range(3), pool=Threads(1))
    assert part.tolist() == [1, 1]


def test_the_number_of_threads_does_not_change_a_bit():
    rows = np.random.default_rng(0).normal(size=(1000, 3)) * 10.0 ** np.arange(-8, 10, 6)
    sums = [
        total(lambda shard: (rows[shard].sum(axis=0),), row_shards(1000, rows=7), pool=Threads(threads))[0]
        for threads in (1, 2, 3)
    ]
    assert sums[0].tobytes() == sums[1].tobytes() == sums[2].tobytes()


def test_no_shards_have_no_sum():
    with pytest.raises(Bug, match="no shards"):
        total(lambda _: (np.ones(1),), [], pool=Threads(1))


@given(n=st.integers(0, 200), rows=st.integers(1, 50))
def test_row_shards_cover_every_row_once_in_order(n, rows):
    shards = row_shards(n, rows=rows)
    assert [number for shard in shards for number in range(n)[shard]] == list(range(n))
    assert all(0 < shard.stop - shard.start <= rows for shard in shards)
