"""Threads that take turns at the door, without any connection."""

import queue
import threading
import time
from collections.abc import Callable

from kindred.contract.worker.shifts import Shifts

Item = tuple[str, threading.Event]


class Rota:
    """Shifts that do what is put before them: wait for an event, unless it is `light`; who looks after time is we."""

    slow_s = 0.0
    """So long it takes to find out how many threads may be away."""

    def __init__(self, most: int) -> None:
        self._asked: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.at_once = 0
        self.under_way = 0
        self._lock = threading.Lock()
        self._most = most
        self.shifts: Shifts[Item] = Shifts(self._asked.get, self._work, most=self._may_be_away)
        self.shifts.relieve()

    def put(self, name: str) -> threading.Event:
        event = threading.Event()
        self._asked.put((name, event))
        return event

    def _may_be_away(self) -> int:
        time.sleep(self.slow_s)
        return self._most

    def _work(self, item: Item, *, free: bool) -> bool:
        name, event = item
        if name != "light":
            if not free:
                return False
            with self._lock:
                self.under_way += 1
                self.at_once = max(self.at_once, self.under_way)
            event.wait(20)
            with self._lock:
                self.under_way -= 1
        self.done.put(name)
        return True


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def looking(rota: Rota, times: int = 20) -> None:
    for _ in range(times):
        rota.shifts.look()
        time.sleep(0.005)


def test_what_is_short_needs_one_thread() -> None:
    before, rota = threading.active_count(), Rota(4)
    for _ in range(100):
        rota.put("light")
    assert [rota.done.get(timeout=10) for _ in range(100)] == ["light"] * 100
    assert threading.active_count() == before + 1


def test_who_takes_long_is_relieved() -> None:
    rota = Rota(4)
    held = rota.put("long")
    until(lambda: rota.shifts.inside)
    rota.put("light")
    looking(rota)
    assert rota.done.get(timeout=10) == "light"
    held.set()
    assert rota.done.get(timeout=10) == "long"


def test_no_more_than_may_be_are_away_and_the_rest_waits_its_turn() -> None:
    """And what is light is done meanwhile."""
    rota = Rota(2)
    held = [rota.put(name) for name in "abcde"]
    looking(rota)
    rota.put("light")
    assert rota.done.get(timeout=10) == "light"
    assert rota.at_once == 2
    for event in held:
        event.set()
    assert sorted(rota.done.get(timeout=10) for _ in "abcde") == list("abcde")
    assert rota.at_once <= 3


def test_what_was_laid_aside_is_gone_when_another_is_sooner() -> None:
    """While the thread at the door finds out that one may be away, another comes back and does it: nobody fails."""
    failed: list[str] = []
    before, threading.excepthook = threading.excepthook, lambda told: failed.append(told.exc_type.__name__)
    try:
        rota = Rota(2)
        first, second = (rota.put(name) for name in "ab")
        looking(rota)
        until(lambda: rota.under_way == 2)
        rota.slow_s = 0.2
        third = rota.put("c")
        time.sleep(0.1)
        first.set()
        time.sleep(0.2)
        second.set()
        time.sleep(0.3)
        third.set()
        assert sorted(rota.done.get(timeout=10) for _ in "abc") == list("abc")
    finally:
        threading.excepthook = before
    assert failed == []


def test_spare_threads_are_called_again() -> None:
    """Many long things one after another do not need ever more threads."""
    before, rota = threading.active_count(), Rota(4)
    for _ in range(5):
        held = [rota.put("x") for _ in range(3)]
        looking(rota, 8)
        for event in held:
            event.set()
        assert [rota.done.get(timeout=10) for _ in held] == ["x"] * 3
    assert threading.active_count() <= before + 6
    until(lambda: not rota.shifts.inside)


def test_a_thread_that_fails_is_replaced() -> None:
    """What it was at is lost, and nothing else."""
    failed: list[str] = []
    before, threading.excepthook = threading.excepthook, lambda told: failed.append(told.exc_type.__name__)
    try:
        asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        done: queue.SimpleQueue[str] = queue.SimpleQueue()

        def work(item: str, *, free: bool) -> bool:  # noqa: ARG001 - as every work is called
            if item == "bad":
                raise ZeroDivisionError
            done.put(item)
            return True

        Shifts(asked.get, work, most=lambda: 4).relieve()
        for item in ("good", "bad", "better"):
            asked.put(item)
        assert [done.get(timeout=10), done.get(timeout=10)] == ["good", "better"]
    finally:
        threading.excepthook = before
    assert failed == ["ZeroDivisionError"]
