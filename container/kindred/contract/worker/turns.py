"""Who answers a request that takes too long: its own thread, or the worker in its stead (contract line 109)."""

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

KEY = "kindred.turn"
"""Where the WSGI environment holds the Turn of a request."""

TOO_LATE = (504, "Gateway Timeout", "the answer took more than {:g} s; send fewer instances, or raise {}")
TOO_SLOW = (408, "Request Timeout", "the body took more than {:g} s to come; send a smaller one, or raise {}")
"""Status, its name, and what is said: of an answer, and of a body that is still coming in."""

_SETTING = "SAGEMAKER_MODEL_SERVER_TIMEOUT"


@dataclass(kw_only=True, eq=False)
class Turn:
    """A request under way; whoever claims it first is the one who answers it. `arriving`: its body is not yet here."""

    peer: socket.socket
    due: float
    arriving: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _mine: bool | None = None

    def mine(self) -> bool:
        """Claim it for its own thread, and tell whether that may answer."""
        with self._lock:
            if self._mine is None:
                self._mine = True
            return self._mine

    def overdue(self) -> bool:
        """Tell whether it is due and nobody has claimed it; claim it for the worker then."""
        if time.monotonic() < self.due:
            return False
        with self._lock:
            free = self._mine is None
            self._mine = self._mine or False
            return free

    def tell(self, seconds: float) -> None:
        """Say that it took too long, and hang up."""
        try:
            self.peer.settimeout(1)
            self.peer.sendall(_message(seconds, *self._told))
            self.peer.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    @property
    def _told(self) -> tuple[int, str, str]:
        return TOO_SLOW if self.arriving else TOO_LATE


def arrived(environ: Mapping[str, Any]) -> None:
    """Note that the body of the request is here."""
    turn = environ.get(KEY)
    if turn is not None:
        turn.arriving = False


def lost(environ: Mapping[str, Any]) -> int | None:
    """Return the status that the caller was told in the stead of the request's thread; None where that may answer."""
    turn = environ.get(KEY)
    return None if turn is None or turn.mine() else (TOO_SLOW if turn.arriving else TOO_LATE)[0]


def _message(seconds: float, status: int, name: str, sentence: str) -> bytes:
    body = msgspec.json.encode({"error": sentence.format(seconds, _SETTING)})
    head = f"HTTP/1.1 {status} {name}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body
