"""A worker beneath gunicorn's arbiter: its main thread lets callers in and looks after time, others answer them."""

import errno
import os
import select
import signal
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

from kindred.contract.worker.conversations import STALLED_S, Conversations
from kindred.contract.worker.drain import ENDING

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

LAST_S, FIRST_S = 2.0, 5.0
"""Seconds that a worker which is ending waits for a request: of a caller who had an answer, and of one who had none."""

LOOK_S = 0.005
"""Seconds after which another thread goes to the door."""

LOOKS = 10
"""So often the main thread looks again when nothing happens, before it sleeps."""

SWEEP_S = 1.0

SHY_S, SHYEST = 0.0002, 5
"""So long a worker leaves a new caller to the others, for each that it has, up to so many."""


class DoorWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Callers who are let in talk to whichever thread is at the door; the main thread looks after time."""

    def init_process(self) -> None:
        """Start; accepted connections inherit the listener's patience."""
        self.alive: bool
        stalled = struct.pack("ll", STALLED_S, 0)
        for listener in self.sockets:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                listener.sock.setsockopt(socket.SOL_SOCKET, option, stalled)
        self._knocks = select.epoll()
        self._swept = 0.0
        self._talks = Conversations(
            self.cfg,
            self.sockets[0].getsockname(),
            handle=self.handle,
            over=self._over,
            wake=self._wake,
            log=self.log,
        )
        Worker.init_process(self)

    def init_signals(self) -> None:
        """Set the handlers, then hear what was sent before."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def handle_exit(self, *_: Any) -> None:
        """End, after what is under way; the signal itself wakes the main thread."""
        self.alive = False

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once."""
        Worker.handle_quit(self, sig, frame)

    def load_wsgi(self) -> None:
        """Take the application, every call of it in a Turn."""
        super().load_wsgi()
        self.wsgi: WSGIApplication = self._talks.bound(self.wsgi)

    def run(self) -> None:
        """Let callers in and look after time until told to end; then let in who already knocked, and drain."""
        self._knocks.register(self.PIPE[0], select.EPOLLIN)
        self._talks.shifts.relieve()
        self.set_accept_enabled(True)
        quiet = 0
        while self.alive and self.is_parent_alive():
            self._sweep(SWEEP_S)
            can_accept = len(self._talks.callers) < self.worker_connections
            if can_accept != self._accepting:
                self.set_accept_enabled(can_accept)
            quiet = 0 if self._talks.shifts.look() else quiet + 1
            self._watch(quiet)
        self._drain()

    def _watch(self, quiet: int) -> None:
        self._talks.asleep = quiet > LOOKS
        # Whoever goes to work after this sees that the main thread is to be woken.
        self._wait(SWEEP_S if self._talks.asleep and not self._talks.shifts.inside else LOOK_S)
        self._talks.asleep = False

    def _wait(self, seconds: float) -> None:
        for number, _ in self._knocks.poll(seconds):
            if number == self.PIPE[0]:
                os.read(number, 4096)
            else:
                self._knocked(number)

    def _knocked(self, number: int) -> None:
        """Take a new caller, unless a worker with fewer of them was sooner: kept connections stay where they came."""
        if self.alive and self.cfg.workers > 1:
            time.sleep(SHY_S * min(len(self._talks.callers), SHYEST))
        for listener in self.sockets:
            if listener.fileno() == number:
                self._let_in(listener)

    def _let_in(self, listener: Any) -> bool:
        try:
            sock, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.ECONNABORTED):
                return False
            raise
        self._talks.begin(sock, address)
        return True

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Let connections in, or no more of them."""
        for listener in self.sockets:
            if enabled:
                self._knocks.register(listener, select.EPOLLIN)
            else:
                self._knocks.unregister(listener)
        self._accepting = enabled

    def _drain(self) -> None:
        if self._accepting:
            self.set_accept_enabled(False)
        for listener in self.sockets:
            # Gunicorn's own copy of the listening socket would let callers connect who are never answered.
            while self._let_in(listener):
                pass
            listener.close()
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while self._talks.callers and time.monotonic() < deadline:
            now = time.monotonic()
            self._talks.hurry(last=now + LAST_S, first=now + FIRST_S)
            self._sweep(LOOK_S)
            self._talks.shifts.look()
            self._wait(LOOK_S)

    def _sweep(self, every_s: float) -> None:
        """Give a sign of life, and see to what is overdue."""
        now = time.monotonic()
        if now < self._swept + every_s:
            return
        self._swept = now
        self.notify()
        if self._talks.look() and self.alive:
            self.log.error("Too many threads of worker %d are stuck; another takes its place.", os.getpid())
            self.alive = False

    def _wake(self) -> None:
        os.write(self.PIPE[1], b".")

    def _over(self) -> bool:
        return not self.alive or len(self._talks.callers) >= self.max_keepalived
