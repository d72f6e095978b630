"""SIGTERM and SIGINT ask training to end; it has a grace to do so with its best model (contract lines 53, 54, 194)."""

import contextlib
import functools
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator

GRACE_S = 100.0
"""SageMaker kills a container 120 s after it asked it to end; the rest is left to whoever tidies up."""

ASKING = (signal.SIGTERM, signal.SIGINT)


_STEP_S = 0.05


class Stop(threading.Event):
    """Set when a signal asked us to end; `signal` is its number then, and 0 before."""

    signal = 0
    idle = False

    @contextlib.contextmanager
    def losing_nothing(self) -> Iterator[None]:
        """While the block lasts there is nothing yet that could be left: a signal ends the process at once."""
        self.idle = True
        try:
            yield
        finally:
            self.idle = False


@contextlib.contextmanager
def heard(*, grace_s: float, late: Callable[[int], None]) -> Iterator[Stop]:
    """Give a Stop that SIGTERM and SIGINT set; `late` gets the signal's number if the block outlasts the grace, or is
    losing nothing.

    Only the main thread may enter. The signal is heard by a thread of its own, because Python's handlers wait for the
    main thread to come out of whatever native call it is in, which for a matrix may be minutes.
    """
    stop, over = Stop(), threading.Event()
    ear, mouth = socket.socketpair()
    mouth.settimeout(0)
    before = {number: signal.signal(number, lambda *_: None) for number in ASKING}
    woken = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=functools.partial(_deafen, over))
    listener = threading.Thread(target=_listen, args=(ear, stop, over, grace_s, late), name="signals", daemon=True)
    listener.start()
    try:
        yield stop
    finally:
        over.set()
        signal.set_wakeup_fd(woken)
        mouth.close()
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.join()
        ear.close()


def deaf() -> None:
    """Hear no signal any more: the job is done, and dying of one would tell another story than its status."""
    for number in ASKING:
        signal.signal(number, signal.SIG_IGN)


def _deafen(over: threading.Event) -> None:
    """A forked child shares our socket: its own end would be taken for ours, and it would not even die of it."""
    if not over.is_set():
        signal.set_wakeup_fd(-1)
        for number in ASKING:
            signal.signal(number, signal.SIG_DFL)


def _listen(ear: socket.socket, stop: Stop, over: threading.Event, grace_s: float, late: Callable[[int], None]) -> None:
    while not stop.is_set():
        number = ear.recv(1)
        if not number:
            return
        if number[0] in ASKING:
            stop.signal = number[0]
            stop.set()
    latest = time.monotonic() + grace_s
    while not over.wait(_STEP_S):
        if stop.idle or time.monotonic() >= latest:
            late(stop.signal)
            return
