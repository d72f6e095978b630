"""Nobody waits for ever for an answer: who asked is told in time, and another thread takes the stuck one's place."""

import errno
import logging
import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from kindred.contract.worker.turns import KEY, Turn

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication

LOGGER = logging.getLogger("kindred.requests")

MOST_STUCK = 8
"""For each thread so many more may be stuck before a worker gives up."""


class Patience:
    """The requests that the threads of a worker have under way (contract line 109)."""

    def __init__(self, *, timeout_s: float, threads: int) -> None:
        self.answer_s = timeout_s * 11 / 12
        self._turns: dict[int, Turn] = {}
        self._stuck: set[int] = set()
        self._threads = threads

    @property
    def threads(self) -> int:
        """How many may be away from the door: one more for each that is stuck."""
        return self._threads + len(self._stuck)

    def look(self) -> bool:
        """Tell whoever waits too long; return whether so many threads are stuck that the worker should give up."""
        for turn in list(self._turns.values()):
            if turn.overdue():
                self._tell(turn)
        return len(self._stuck) > MOST_STUCK * self._threads

    def timed(self, app: "WSGIApplication", *, due: Callable[[socket.socket], float]) -> "WSGIApplication":
        """Return the application, every call of it in a Turn; `due` says of a connection until when it is to answer.

        What is answered too late raises BrokenPipeError.
        """

        def timed(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
            peer = environ["gunicorn.socket"]
            turn = Turn(peer=peer, due=due(peer))
            self._turns[id(turn)] = turn
            environ[KEY] = turn
            if turn.overdue():
                self._tell(turn)
            try:
                answer = app(environ, start_response)
            finally:
                del self._turns[id(turn)]
                self._stuck.discard(id(turn))
            if turn.mine():
                return answer
            raise BrokenPipeError(errno.EPIPE, "the caller was told that it took too long")

        return timed

    def _tell(self, turn: Turn) -> None:
        LOGGER.error("A request took more than %g s; its caller was told so.", self.answer_s)
        turn.tell(self.answer_s)
        self._stuck.add(id(turn))
