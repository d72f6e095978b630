import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from kindred.engine.pool import Threads
from kindred.errors import Bug


def blas_threads(_: int = 0) -> set[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return {library["num_threads"] for library in threadpool_info()}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_are_in_the_order_of_the_items(threads):
    assert Threads(threads).map(lambda item: item * item, range(100)) == [item * item for item in range(100)]


def test_no_items_are_no_results():
    assert Threads(2).map(str, []) == []


def test_two_threads_run_two_tasks_at_a_time():
    both = threading.Barrier(2, timeout=5)
    assert len(Threads(2).map(lambda _: both.wait(), range(2))) == 2


def test_one_thread_is_the_callers_own():
    assert set(Threads(1).map(lambda _: threading.get_ident(), range(3))) == {threading.get_ident()}


@pytest.mark.parametrize("threads", [1, 2])
def test_blas_keeps_to_one_thread_while_tasks_run_and_only_then(threads):
    before = blas_threads()
    assert Threads(threads).map(blas_threads, range(4)) == [{1}] * 4
    assert blas_threads() == before


@pytest.mark.parametrize("threads", [1, 2])
def test_blas_is_free_again_after_a_task_raised(threads):
    before = blas_threads()
    with pytest.raises(ZeroDivisionError):
        Threads(threads).map(lambda item: 1 / item, [1, 0, 1])
    assert blas_threads() == before


def test_a_pool_runs_inside_a_pool():
    inner = Threads(2)
    assert Threads(2).map(lambda item: sum(inner.map(abs, [item, item])), range(5)) == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("threads", [0, -1])
def test_a_pool_has_at_least_one_thread(threads):
    with pytest.raises(Bug, match="at least one thread"):
        Threads(threads)
