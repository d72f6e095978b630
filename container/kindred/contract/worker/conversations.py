"""What callers say and are told: read, gathered, answered, seen off; whichever thread is at the door does it."""

import errno
import select
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn

from kindred.contract.worker import gathering, heads, sending
from kindred.contract.worker.callers import Caller, Phase
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

READ_BYTES = 1 << 14
SMALL_BYTES = 1 << 16
"""A request whose body is larger takes long: another thread is called to the door before it is answered."""

ROOM_BYTES = 1 << 29
"""The most that the bodies which a worker gathers may come to together."""

_SPOKEN, _CALLED = select.EPOLLIN | select.EPOLLONESHOT, select.EPOLLOUT | select.EPOLLONESHOT
_GONE = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EAGAIN, errno.EBADF)


class Conversations:
    """What declares its length is gathered at the door, and answered when it is whole.

    The rest goes gunicorn's own way, `handle`, and takes a thread while it comes: never all of them. While `asleep` is
    set, whoever goes to work calls `wake`. Once `over` says so, a caller is answered and seen off.
    """

    def __init__(
        self,
        cfg: Any,
        server: Any,
        *,
        handle: Callable[[TConn], Any],
        over: Callable[[], bool],
        wake: Callable[[], None],
        log: Any,
    ) -> None:
        self.callers: dict[int, Caller] = {}
        self.patience = Patience(timeout_s=cfg.timeout, threads=cfg.threads)
        self.shifts: Shifts[Caller] = Shifts(self._next, self._meet, most=lambda: self.patience.threads)
        self.asleep = False
        self._lane: Lane[Caller] = Lane(most=lambda: max(1, self.patience.threads - 1))
        self._epoll = select.epoll()
        self._cfg, self._server = cfg, server
        self._handle, self._over, self._wake, self._log = handle, over, wake, log
        self._head = heads.reader(cfg, server)
        # Gunicorn looks a setting up anew whenever it is asked for.
        self._keepalive_s = cfg.keepalive
        self._app: WSGIApplication

    def bound(self, app: "WSGIApplication") -> "WSGIApplication":
        """Take the application, and return it with every call in a Turn."""
        self._app = self.patience.timed(app, due=self._due)
        return self._app

    def begin(self, sock: socket.socket, address: Any) -> None:
        """Listen to a new caller."""
        sock.settimeout(None)
        due = time.monotonic() + self._keepalive_s
        self.callers[sock.fileno()] = Caller(number=sock.fileno(), sock=sock, address=address, due=due)
        self._epoll.register(sock, _SPOKEN)

    def hurry(self, *, last: float, first: float) -> None:
        """Wait for a request no longer than that on the monotonic clock: of a caller who had an answer, and who had
        none.
        """
        for caller in list(self.callers.values()):
            if caller.phase is Phase.IDLE:
                caller.due = min(caller.due, last if caller.asked else first)

    def look(self) -> bool:
        """See to what is overdue; return whether so many threads are stuck that the worker should give up."""
        now = time.monotonic()
        for caller in list(self.callers.values()):
            if now > caller.due and caller.phase is not Phase.TAKEN:
                caller.hang_up()
        self._call()
        return self.patience.look()

    def _next(self) -> Caller:
        """Wait for a caller of whom something has come, or who was called."""
        ((number, event),) = self._epoll.poll(-1, 1)
        caller = self.callers[number]
        # Who is called is told that he can be written to.
        caller.unread = not event & _CALLED
        return caller

    def _meet(self, caller: Caller, *, free: bool) -> bool:
        """Do what there is to do for a caller; return whether it could be done, as there may be no thread `free`."""
        if self.asleep:
            self.asleep = False
            self._wake()
        lost = True
        try:
            met = (caller.unread and not self._read(caller)) or self._answer(caller, free=free)
            lost = False
            return met
        except OSError as error:
            if error.errno not in _GONE:
                self._log.exception("A connection failed.")
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
            caller.gathering = Gathering(head, received[end:], due=now + self.patience.answer_s)
        return True

    def _has_room(self, caller: Caller, head: Head) -> bool:
        if head.length > gathering.MOST_BYTES or caller in self._lane:
            return False
        others = [each.gathering for each in list(self.callers.values())]
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
            self.shifts.leave()
        environ = {
            **head.environ,
            "gunicorn.socket": caller.sock,
            "wsgi.input": coming.stream(),
            "REMOTE_ADDR": caller.address[0],
        }
        started = sending.Started()
        answer = self._app(environ, started)
        # What still comes of a body that broke off is no request.
        closes = head.closes or coming.lacks > 0 or self._over()
        return sending.send(caller.sock, answer, started, request=head.request, cfg=self._cfg, closes=closes)

    def _at_length(self, caller: Caller) -> bool:
        """Let gunicorn read and answer a request, which may take long; return whether another may follow."""
        self.shifts.leave()
        caller.phase, caller.due = Phase.HEAD, time.monotonic() + HEADERS_S
        conn = TConn(self._cfg, caller.sock, caller.address, self._server)
        conn.parser = RequestParser(self._cfg, caller.sock, caller.address)
        conn.parser.unreader.unread(caller.received)
        conn.initialized = True
        try:
            goes_on = self._handle(conn) is True
        finally:
            self._lane.leave(caller)
            self._call()
        caller.received = conn.parser.unreader.take_buffered()
        return goes_on and not self._over()

    def _due(self, sock: socket.socket) -> float:
        """Until when the request that a caller sent is to be answered; from here on its Turn looks after it."""
        caller = self.callers[sock.fileno()]
        coming = None if caller.phase is Phase.TAKEN else caller.gathering
        caller.phase = Phase.TAKEN
        return coming.due if coming else time.monotonic() + self.patience.answer_s

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
        if self.callers.pop(caller.number, None) is not None:
            caller.sock.close()
            if caller.gathering is not None:
                caller.gathering.close()


def _patient(coming: Gathering) -> float:
    """Until when the next piece of a body is waited for."""
    return coming.due if coming.head.length <= SMALL_BYTES else min(coming.due, time.monotonic() + STALLED_S)
