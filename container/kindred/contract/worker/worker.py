"""A worker beneath gunicorn's arbiter: its main thread lets callers in and looks after time, its shifts answer them."""

import errno
import os
import select
import signal
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from gunicorn.http.parser import RequestParser
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker

from kindred.contract.worker import gathering, heads, sending
from kindred.contract.worker.callers import Caller, Phase
from kindred.contract.worker.drain import ENDING
from kindred.contract.worker.gathering import Gathering
from kindred.contract.worker.heads import Head
from kindred.contract.worker.lane import Lane
from kindred.contract.worker.patience import Patience
from kindred.contract.worker.shifts import Shifts

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

STALLED_S = 20
"""Seconds without a byte from a caller, or without one taken, after which the connection is given up."""

HEADERS_S = 8
"""Seconds that the head of a request may take to come; fewer than STALLED_S, so that it ends without a noise."""

LINGER_S = 0.25
"""Seconds that a caller has to hang up after the last answer, lest the end of it be lost (RFC 9112, section 9.6)."""

LAST_S, FIRST_S = 2.0, 5.0
"""Seconds that a worker which is ending waits for a request: of a caller who had an answer, and of one who had none."""

LOOK_S = 0.005
"""Seconds after which another thread goes to the door."""

LOOKS = 10
"""So often the main thread looks again when nothing happens, before it sleeps."""

SWEEP_S = 1.0

SHY_S, SHYEST = 0.0002, 5
"""So long a worker leaves a new caller to the others, for each that it has, up to so many."""

READ_BYTES = 1 << 14
SMALL_BYTES = 1 << 16
"""A request whose body is larger takes long: another thread is called to the door before it is answered."""

ROOM_BYTES = 1 << 29
"""The most that the bodies which a worker gathers may come to together."""

_SPOKEN, _CALLED = select.EPOLLIN | select.EPOLLONESHOT, select.EPOLLOUT | select.EPOLLONESHOT
_GONE = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EAGAIN, errno.EBADF)


class DoorWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """What declares its length is gathered at the door, and answered when it is whole.

    The rest goes gunicorn's own way, `handle`, and takes a thread while it comes: never all of them.
    """

    def init_process(self) -> None:
        """Start; accepted connections inherit the listener's patience."""
        self.alive: bool
        stalled = struct.pack("ll", STALLED_S, 0)
        for listener in self.sockets:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                listener.sock.setsockopt(socket.SOL_SOCKET, option, stalled)
        self._callers: dict[int, Caller] = {}
        self._epoll = select.epoll()
        self._knocks = select.epoll()
        self._patience = Patience(timeout_s=self.cfg.timeout, threads=self.cfg.threads)
        self._shifts: Shifts[Caller] = Shifts(self._next, self._meet, most=lambda: self._patience.threads)
        self._lane: Lane[Caller] = Lane(most=lambda: max(1, self._patience.threads - 1))
        self._server = self.sockets[0].getsockname()
        self._head = heads.reader(self.cfg, self._server)
        # Gunicorn looks a setting up anew whenever it is asked for.
        self._keepalive_s = self.cfg.keepalive
        self._asleep = False
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
        self.wsgi: WSGIApplication = self._patience.timed(self.wsgi, due=self._due)

    def run(self) -> None:
        """Let callers in and look after time until told to end; then let in who already knocked, and drain."""
        self._knocks.register(self.PIPE[0], select.EPOLLIN)
        self._shifts.relieve()
        self.set_accept_enabled(True)
        quiet = 0
        while self.alive and self.is_parent_alive():
            self._sweep(SWEEP_S)
            can_accept = len(self._callers) < self.worker_connections
            if can_accept != self._accepting:
                self.set_accept_enabled(can_accept)
            quiet = 0 if self._shifts.look() else quiet + 1
            self._watch(quiet)
        self._drain()

    def _watch(self, quiet: int) -> None:
        self._asleep = quiet > LOOKS
        # Whoever goes to work after this sees that the main thread is to be woken.
        self._wait(SWEEP_S if self._asleep and not self._shifts.inside else LOOK_S)
        self._asleep = False

    def _wait(self, seconds: float) -> None:
        for number, _ in self._knocks.poll(seconds):
            if number == self.PIPE[0]:
                os.read(number, 4096)
            else:
                self._knocked(number)

    def _knocked(self, number: int) -> None:
        """Take a new caller, unless a worker with fewer of them was sooner: kept connections stay where they came."""
        if self.alive and self.cfg.workers > 1:
            time.sleep(SHY_S * min(len(self._callers), SHYEST))
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
        sock.settimeout(None)
        due = time.monotonic() + self._keepalive_s
        self._callers[sock.fileno()] = Caller(number=sock.fileno(), sock=sock, address=address, due=due)
        self._epoll.register(sock, _SPOKEN)
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
        while self._callers and time.monotonic() < deadline:
            self._hurry(time.monotonic())
            self._sweep(LOOK_S)
            self._shifts.look()
            self._wait(LOOK_S)

    def _hurry(self, now: float) -> None:
        for caller in list(self._callers.values()):
            if caller.phase is Phase.IDLE:
                caller.due = min(caller.due, now + (LAST_S if caller.asked else FIRST_S))

    def _sweep(self, every_s: float) -> None:
        """Give a sign of life, and see to what is overdue."""
        now = time.monotonic()
        if now < self._patience.swept + every_s:
            return
        self._patience.swept = now
        self.notify()
        for caller in list(self._callers.values()):
            if now > caller.due and caller.phase is not Phase.TAKEN:
                caller.hang_up()
        self._call()
        if self._patience.look() and self.alive:
            self.log.error("Too many threads of worker %d are stuck; another takes its place.", os.getpid())
            self.alive = False

    def _next(self) -> Caller:
        """Wait for a caller of whom something has come, or who was called."""
        ((number, event),) = self._epoll.poll(-1, 1)
        caller = self._callers[number]
        # Who is called is told that he can be written to.
        caller.unread = not event & _CALLED
        return caller

    def _meet(self, caller: Caller, *, free: bool) -> bool:
        """Do what there is to do for a caller; return whether it could be done, as there may be no thread `free`."""
        if self._asleep:
            self._asleep = False
            os.write(self.PIPE[1], b".")
        lost = True
        try:
            met = (caller.unread and not self._read(caller)) or self._answer(caller, free=free)
            lost = False
            return met
        except OSError as error:
            if error.errno not in _GONE:
                self.log.exception("A connection failed.")
            return True
        finally:
            if lost:
                self._close(caller)

    def _read(self, caller: Caller) -> bool:
        """Take what has come; return whether that is part of a request."""
        caller.unread = False
        piece = caller.sock.recv(READ_BYTES if caller.gathering is None else caller.gathering.wanted)
        if caller.phase is Phase.LEAVING:
            if piece and time.monotonic() < caller.due:
                self._await(caller, Phase.LEAVING, due=caller.due)
            else:
                self._close(caller)
            return False
        if not piece and caller.phase is not Phase.BODY:
            self._close(caller)
            return False
        caller.took(piece)
        return True

    def _answer(self, caller: Caller, *, free: bool) -> bool:
        """Answer the requests that are here, and wait for what is not; return False where that takes a free thread."""
        while True:
            if caller.gathering is None and not self._begun(caller):
                return True
            coming = caller.gathering
            if coming is not None and coming.lacks and not caller.ended:
                self._await(caller, Phase.BODY, due=_patient(coming))
                return True
            if not free and not (coming and coming.head.light):
                # However long it takes until there is one, nobody is to hang up.
                caller.phase = Phase.TAKEN
                return False
            if coming is None and not self._enters(caller):
                return True
            goes_on = self._at_once(caller, coming) if coming else self._at_length(caller)
            caller.answered()
            if not goes_on:
                self._see_off(caller)
                return True
            if not caller.received:
                self._await(caller, Phase.IDLE, due=time.monotonic() + self._keepalive_s)
                return True

    def _begun(self, caller: Caller) -> bool:
        """Tell whether a head is here, or what can be none, and begin to gather its body; wait for the head else."""
        received, now = caller.received, time.monotonic()
        end = received.find(heads.END)
        if end < 0 and heads.promising(received):
            self._await(caller, Phase.HEAD, due=caller.due if caller.phase is Phase.HEAD else now + HEADERS_S)
            return False
        end += len(heads.END)
        head = self._head(received[:end]) if end >= len(heads.END) else None
        if head is not None and (head.length <= SMALL_BYTES or self._has_room(caller, head)):
            caller.received = b""
            caller.gathering = Gathering(head, received[end:], due=now + self._patience.answer_s)
        return True

    def _has_room(self, caller: Caller, head: Head) -> bool:
        if head.length > gathering.MOST_BYTES or caller in self._lane:
            return False
        others = [each.gathering for each in list(self._callers.values())]
        return head.length + sum(each.head.length for each in others if each) <= ROOM_BYTES

    def _enters(self, caller: Caller) -> bool:
        """Tell whether the caller may take a thread while his request comes; he waits until he is called else."""
        caller.phase = Phase.TAKEN
        return self._lane.enter(caller)

    def _call(self) -> None:
        for caller in self._lane.called():
            self._epoll.modify(caller.number, _CALLED)

    def _at_once(self, caller: Caller, coming: Gathering) -> bool:
        """Answer a request of which no more is to come; return whether another may follow."""
        head = coming.head
        if head.length > SMALL_BYTES and not head.light:
            self._shifts.leave()
        environ = {
            **head.environ,
            "gunicorn.socket": caller.sock,
            "wsgi.input": coming.stream(),
            "REMOTE_ADDR": caller.address[0],
        }
        started = sending.Started()
        answer = self.wsgi(environ, started)
        # What still comes of a body that broke off is no request.
        closes = head.closes or coming.lacks > 0 or self._last()
        return sending.send(caller.sock, answer, started, request=head.request, cfg=self.cfg, closes=closes)

    def _at_length(self, caller: Caller) -> bool:
        """Let gunicorn read and answer a request, which may take long; return whether another may follow."""
        self._shifts.leave()
        caller.phase, caller.due = Phase.HEAD, time.monotonic() + HEADERS_S
        conn = TConn(self.cfg, caller.sock, caller.address, self._server)
        conn.parser = RequestParser(self.cfg, caller.sock, caller.address)
        conn.parser.unreader.unread(caller.received)
        conn.initialized = True
        try:
            goes_on = self.handle(conn) is True
        finally:
            self._lane.leave(caller)
            self._call()
        caller.received = conn.parser.unreader.take_buffered()
        return goes_on and not self._last()

    def _last(self) -> bool:
        return not self.alive or len(self._callers) >= self.max_keepalived

    def _due(self, sock: socket.socket) -> float:
        """Until when the request that a caller sent is to be answered; from here on its Turn looks after it."""
        caller = self._callers[sock.fileno()]
        coming = None if caller.phase is Phase.TAKEN else caller.gathering
        caller.phase = Phase.TAKEN
        return coming.due if coming else time.monotonic() + self._patience.answer_s

    def _await(self, caller: Caller, phase: Phase, *, due: float) -> None:
        caller.phase, caller.due = phase, due
        # Another thread may have the caller as soon as this is said.
        self._epoll.modify(caller.number, _SPOKEN)

    def _see_off(self, caller: Caller) -> None:
        """Say that nothing more will be said, and wait for the caller to hang up."""
        caller.received = b""
        caller.sock.shutdown(socket.SHUT_WR)
        self._await(caller, Phase.LEAVING, due=time.monotonic() + LINGER_S)

    def _close(self, caller: Caller) -> None:
        if self._callers.pop(caller.number, None) is not None:
            caller.sock.close()
            if caller.gathering is not None:
                caller.gathering.close()


def _patient(coming: Gathering) -> float:
    """Until when the next piece of a body is waited for."""
    return coming.due if coming.head.length <= SMALL_BYTES else min(coming.due, time.monotonic() + STALLED_S)
