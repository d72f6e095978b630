"""Rows spread over hosts are what one host's would be: real sockets, a thread for each other host."""

import contextlib
import socket
import sys
import threading
from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from kindred.contract.training.link import Link
from kindred.engine import cluster
from kindred.engine.cluster import Away, Line, Spread
from kindred.engine.parcels import packed, unpacked
from kindred.engine.pool import Threads
from kindred.engine.shards import Local
from kindred.engine.stopping import Heeding, Stopped
from kindred.errors import Bug, UserError

POOL = Threads(1)
ROWS = np.random.default_rng(0).normal(size=(30_000, 3)).astype(np.float32)
HELD = threading.Event()


def weighed(factor, rows):
    return [factor * rows.sum(axis=0, dtype=np.float64), np.array(len(rows))]


def counted(rows):
    return [np.array(len(rows))]


def waited(rows):
    HELD.wait(10)
    return [np.array(len(rows))]


TASKS = cluster.tasks_of(sys.modules[__name__])


@contextlib.contextmanager
def spread(*parts, width=3, tasks=TASKS):
    """The first part on this host, the others on hosts of their own."""
    with contextlib.ExitStack() as stack:
        others = []
        for number, rows in enumerate(parts[1:], 2):
            ours, theirs = socket.socketpair()
            stack.enter_context(ours)
            answering = threading.Thread(target=answer, args=(Link("algo-1", theirs), Local([rows]), tasks))
            answering.start()
            stack.callback(answering.join)
            link = Link(f"algo-{number}", ours)
            stack.callback(link.done)
            if len(rows):
                others.append(Away(line=Line(link), shelf="train", count=len(rows)))
        own = Local([parts[0]] if len(parts[0]) else [])
        yield Spread(own=own, others=others, width=width, tasks=tasks)


def answer(link, rows, tasks):
    with link.connection, contextlib.suppress(Bug):
        cluster.serve(link, cluster.on({"train": rows}, link, tasks=tasks, pool=POOL))


@pytest.mark.parametrize("cuts", [[10_000], [0], [30_000], [9000, 9000, 20_001], [0, 0, 12_345]])
def test_hosts_have_what_one_host_has(cuts):
    """[46] whatever lies where, and where nothing does"""
    numbers = np.random.default_rng(1).choice(len(ROWS), 500, replace=False)
    whole = Local([ROWS])
    with spread(*np.split(ROWS, cuts)) as shards:
        assert (shards.count, shards.width) == (whole.count, whole.width)
        assert_array_equal(shards.take(numbers), whole.take(numbers))
        assert_array_equal(shards.take(numbers[:0]), whole.take(numbers[:0]))
        sums, count = shards.total(partial(weighed, np.float32(2)), pool=POOL)
        expected, _ = whole.total(partial(weighed, 2.0), pool=POOL)
        np.testing.assert_allclose(sums, expected, rtol=1e-12)
        assert count == len(ROWS)
        assert sums.dtype == np.float64


def test_one_answer_fits_the_question_after_another():
    with spread(*np.split(ROWS, [10_000, 20_000])) as shards:
        for number in range(0, len(ROWS), 2999):
            assert_array_equal(shards.take(np.array([number])), ROWS[[number]])


def test_different_rows_are_different_on_all_hosts():
    few = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.float32)
    with spread(few[[0, 0, 1]], few[[1, 1, 2]], few[[2, 0, 0]], width=2) as shards:
        assert_array_equal(shards.different(5), few)
        assert len(shards.different(2)) == 2


def test_a_host_runs_no_task_that_it_does_not_know():
    with spread(ROWS[:5], ROWS[5:], tasks={}) as shards, pytest.raises(Bug, match="no task that hosts run"):
        shards.total(counted, pool=POOL)


def test_a_host_refuses_a_task_by_another_name():
    with spread(ROWS[:0], ROWS) as shards:
        [other] = shards.others
        other.line.ask("total", shelf="train", task="os.system", arguments=["true"], keywords={})
        with pytest.raises(UserError, match="the host algo-2 was lost"):
            other.line.answer()


def test_a_host_that_goes_away_is_named():
    """[61]"""
    ours, theirs = socket.socketpair()
    with ours:
        shards = Spread(
            own=Local([ROWS]),
            others=[Away(line=Line(Link("algo-7", ours)), shelf="train", count=9)],
            width=3,
            tasks=TASKS,
        )
        theirs.close()
        with pytest.raises(UserError, match="the host algo-7 was lost before the job was done"):
            shards.total(counted, pool=POOL)


@pytest.mark.parametrize("count", [100, 30_000])
def test_a_pass_is_broken_off_on_all_hosts(count):
    """[54] the answer that nobody took is not taken for that of the next question"""
    HELD.clear()
    stop = threading.Event()
    with spread(ROWS[:0], ROWS[:count]) as shards:
        threading.Timer(0.3, stop.set).start()
        with pytest.raises(Stopped):
            shards.total(waited, pool=Heeding(POOL, stop.is_set))
        threading.Timer(0.3, HELD.set).start()
        assert_array_equal(shards.take(np.array([7])), ROWS[[7]])


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -0.1, float("inf"), "Straße", [1, [2.5, "a"]], {"a": {"b": []}}],
)
def test_values_arrive_as_they_left(value):
    assert unpacked([bytearray(part) for part in packed(value)]) == value


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "i8", "u8", "?"])
@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (2, 3)])
def test_arrays_arrive_as_they_left(dtype, shape):
    array = np.ones(shape, dtype=dtype)
    (back,) = unpacked([bytearray(part) for part in packed([array])])
    assert_array_equal(back, array, strict=True)


def test_columns_arrive_as_they_left():
    back = unpacked([bytearray(part) for part in packed({"a": ROWS[:9].T, "b": ROWS[0]})])
    assert_array_equal(back["a"], ROWS[:9].T)
    assert_array_equal(back["b"], ROWS[0])


@pytest.mark.parametrize("value", [b"bytes", object(), np.array([object()]), np.array(["a"]), {1, 2}])
def test_nothing_else_is_sent(value):
    with pytest.raises(Bug, match="cannot be sent"):
        packed(value)


@pytest.mark.parametrize(
    "parts",
    [
        [b"{"],
        [],
        [b'{"array": 4, "dtype": "<f4", "shape": [1]}'],
        [b'{"array": 1, "dtype": "O", "shape": [1]}', b"12345678"],
        [b'{"array": 1, "dtype": "<f4", "shape": [3]}', b"12345678"],
        [b'{"array": 1, "dtype": "<f4", "shape": "x"}', b"12345678"],
        [b"\xff"],
    ],
)
def test_what_makes_no_sense_is_told(parts):
    with pytest.raises(Bug, match="another host sent what cannot be read"):
        unpacked([bytearray(part) for part in parts])
