"""A worker that does not wait for ever: neither for a caller who stalls, nor for an answer (contract lines 96, 109)."""

import errno
import logging
import os
import socket
import struct
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gunicorn import util

from kindred.contract.drain import DrainingWorker
from kindred.contract.turns import KEY, Turn

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

LOGGER = logging.getLogger("kindred.requests")

STALLED_S = 20
"""Seconds without a byte from a caller, or without one taken, after which the connection is given up."""

HEADERS_S = 8
"""Seconds that the head of a request may take to come; fewer than STALLED_S, so that it ends without a noise."""


LINGER_S = 0.25
"""Seconds that a caller has to hang up after the last answer, lest the end of it be lost (RFC 9112, section 9.6)."""

MOST_STUCK = 8
"""For each thread so many more may be stuck before a worker gives up."""


SMALL_BYTES = 1 << 16
"""An answer up to this size is copied behind its head, to be sent with it."""


class PatientWorker(DrainingWorker):
    """Its own loop, which runs once a second at least, looks after the requests that its threads have under way."""

    def init_process(self) -> None:
        """Start; accepted connections inherit the listener's patience."""
        self.alive: bool
        self._turns: dict[int, Turn] = {}
        self._heads: dict[int, tuple[float, socket.socket]] = {}
        self._lost = 0
        stalled = struct.pack("ll", STALLED_S, 0)
        for listener in self.sockets:
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                listener.sock.setsockopt(socket.SOL_SOCKET, option, stalled)
        super().init_process()

    def load_wsgi(self) -> None:
        """Take the application, every call of it in a Turn."""
        super().load_wsgi()
        self.wsgi: WSGIApplication = self._timed(self.wsgi)

    def handle(self, conn: Any) -> Any:
        """Handle a connection's next request."""
        self._heads[id(conn.sock)] = (time.monotonic() + HEADERS_S, conn.sock)
        try:
            goes_on = super().handle(conn)
        finally:
            self._heads.pop(id(conn.sock), None)
        if goes_on is False:
            # Here and not in the worker's loop, where a caller who is slow to hang up would keep all others waiting.
            util.close_graceful(conn.sock, LINGER_S)
            # The loop closes it again, and would take the error of that for one connection more that is gone.
            conn.close = _closed
        return goes_on

    def notify(self) -> None:
        """Give a sign of life, and see to what is overdue."""
        super().notify()
        now = time.monotonic()
        for due, peer in list(self._heads.values()):
            if now > due:
                _hang_up(peer)
        for turn in list(self._turns.values()):
            if turn.overdue():
                self._tell(turn)

    def _tell(self, turn: Turn) -> None:
        LOGGER.error("A request took more than %g s; its caller was told so.", self._answer_s)
        turn.tell(self._answer_s)
        self._lost += 1
        if self._lost > MOST_STUCK * self.cfg.threads and self.alive:
            LOGGER.error("Too many threads of worker %d are stuck; another takes its place.", os.getpid())
            self.alive = False
        # A thread more for the one that is stuck; it begins with whatever comes.
        self.tpool._max_workers += 1
        self.tpool.submit(int)

    def _timed(self, app: "WSGIApplication") -> "WSGIApplication":
        def timed(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
            peer = environ["gunicorn.socket"]
            turn = Turn(peer=peer, due=time.monotonic() + self._answer_s)
            self._heads.pop(id(peer), None)
            self._turns[id(turn)] = turn
            environ[KEY] = turn
            try:
                answer = app(environ, start_response)
            finally:
                del self._turns[id(turn)]
            if turn.mine():
                return _at_once(answer, start_response)
            self._lost -= 1
            self.tpool._max_workers -= 1
            raise BrokenPipeError(errno.EPIPE, "the caller was told that it took too long")

        return timed

    @property
    def _answer_s(self) -> float:
        return float(self.cfg.timeout) * 11 / 12


def _at_once(answer: Iterable[bytes], start_response: Any) -> Iterable[bytes]:
    """Send a small answer that is whole, and return what is left of it: nothing.

    Gunicorn sends head and body apart, and so wakes the caller for a head that is of no use to him yet.
    """
    response = start_response.__self__
    body = answer[0] if type(answer) is list and len(answer) == 1 else None
    if body is None or len(body) > SMALL_BYTES or response.response_length != len(body):
        return answer
    goes_on = "close" if response.should_close() else "keep-alive"
    lines = [f"HTTP/1.1 {response.status}\r\nDate: {_date(int(time.time()))}\r\nConnection: {goes_on}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in response.headers]
    util.write(response.sock, f"{''.join(lines)}\r\n".encode("latin-1") + body)
    response.headers_sent, response.sent = True, len(body)
    return ()


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return str(util.http_date(second))


def _closed(*, graceful: bool = False) -> None:
    """Nothing is left to be closed."""


def _hang_up(peer: socket.socket) -> None:
    try:
        peer.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
