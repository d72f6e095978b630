"""A pool that heeds a request to end: everything or nothing of a task, in order, and no task after."""

import contextlib

import pytest

from kindred.engine.pool import Threads
from kindred.engine.stopping import Heeding, Stopped


@pytest.mark.parametrize("threads", [1, 2])
def test_nobody_asks_and_nothing_is_different(threads):
    pool = Heeding(Threads(threads), lambda: False)
    assert pool.map(lambda item: item * 2, range(50)) == [item * 2 for item in range(50)]


@pytest.mark.parametrize("threads", [1, 2])
def test_asked_from_the_start_no_task_begins(threads):
    begun = []
    with pytest.raises(Stopped):
        Heeding(Threads(threads), lambda: True).map(begun.append, range(5))
    assert begun == []


@pytest.mark.parametrize("threads", [1, 3])
def test_asked_half_way_what_was_done_is_given_in_order_and_then_it_stops(threads):
    begun = []

    def task(item):
        begun.append(item)
        return item

    found = []
    stream = Heeding(Threads(threads), lambda: len(begun) >= 7).stream(task, range(1000))
    with contextlib.suppress(Stopped):
        for item in stream:
            found.append(item)
        pytest.fail("it did not stop")
    assert found == list(range(len(found)))
    assert 4 <= len(found) <= len(begun) <= 7 + threads


def test_what_a_task_raises_comes_through():
    with pytest.raises(ZeroDivisionError):
        Heeding(Threads(1), lambda: False).map(lambda item: 1 // item, [0])
