"""What a caller's connection is at, on a pair of sockets."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from kindred.contract.worker.callers import Caller, Phase


@pytest.fixture
def pair() -> Iterator[tuple[Caller, socket.socket]]:
    """One who has been idle for too long, and the other end."""
    here, there = socket.socketpair()
    with contextlib.closing(here), contextlib.closing(there):
        yield Caller(number=here.fileno(), sock=here, address=("", 0), due=time.monotonic() - 1), there


def test_who_speaks_at_the_last_moment_is_heard(pair: tuple[Caller, socket.socket]) -> None:
    """Before it is read: nobody hangs up. Once it is read: it is not overdue."""
    caller, there = pair
    there.sendall(b"GET")
    caller.hang_up()
    caller.took(caller.sock.recv(3))
    assert caller.received == b"GET"
    assert caller.due > time.monotonic()


def test_who_has_an_answer_is_not_overdue_for_the_last_request(pair: tuple[Caller, socket.socket]) -> None:
    """Though it took longer to answer than the next one may take to come."""
    caller, _ = pair
    caller.phase = Phase.HEAD
    caller.answered()
    assert (caller.phase, caller.asked) == (Phase.IDLE, True)
    assert caller.due > time.monotonic()


def test_who_is_slow_is_overdue_however_much_has_come(pair: tuple[Caller, socket.socket]) -> None:
    caller, _ = pair
    caller.phase = Phase.HEAD
    caller.took(b"GET")
    assert caller.due < time.monotonic()


def test_whoever_is_hung_up_on_hears_it(pair: tuple[Caller, socket.socket]) -> None:
    caller, there = pair
    caller.hang_up()
    assert there.recv(1) == b""
