"""A cheap caller: one process, any number of kept connections, each asking again as soon as it is answered."""

import re
import select
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

TIMEOUT_S = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STARTS = re.compile(rb"HTTP/1\.[01] (\d+)")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is posted, again and again."""

    path: str
    body: bytes
    content_type: str
    accept: str = "*/*"

    @property
    def request(self) -> bytes:
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {self.content_type}\r\n"
            f"Accept: {self.accept}\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What so many callers at once were served; `answered` counts the answers."""

    callers: int
    answered: int
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(eq=False)
class _Caller:
    port: int
    sock: socket.socket | None = None
    began: float = 0.0
    received: bytes = b""
    whole: int = 0
    took_s: list[float] = field(default_factory=list)

    def ask(self, request: bytes) -> socket.socket:
        if self.sock is None:
            self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_S)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = time.perf_counter()
        self.sock.sendall(request)
        return self.sock

    def answered(self) -> bool:
        """Take what has come; tell whether the answer is whole. Raises RuntimeError for any but a 200."""
        assert self.sock is not None
        piece = self.sock.recv(1 << 18)
        if not piece:
            raise RuntimeError(f"the connection was closed after {self.received[:600]!r}")
        self.received += piece
        if not self.whole:
            self.whole = _size(self.received)
        if not self.whole or len(self.received) < self.whole:
            return False
        self.took_s.append(time.perf_counter() - self.began)
        self.received, self.whole = b"", 0
        return True


def measured(port: int, question: Question, *, callers: int, seconds: float) -> Figures:
    """Ask for so many seconds; what was asked in them counts. Raises RuntimeError for an answer that is no 200."""
    request = question.request
    poll = select.epoll()
    asking: Mapping[int, _Caller] = {}
    for caller in (_Caller(port) for _ in range(callers)):
        sock = caller.ask(request)
        poll.register(sock, select.EPOLLIN)
        asking = {**asking, sock.fileno(): caller}
    begun = time.perf_counter()
    while (now := time.perf_counter()) < begun + seconds:
        ready = poll.poll(TIMEOUT_S)
        if not ready:
            raise RuntimeError(f"no answer within {TIMEOUT_S:g} s")
        for number, _ in ready:
            if asking[number].answered():
                asking[number].ask(request)
    for caller in asking.values():
        caller.sock.close()  # type: ignore[union-attr]
    poll.close()
    took_ms = np.concatenate([caller.took_s for caller in asking.values()]) * 1e3
    return Figures(
        callers=callers,
        answered=len(took_ms),
        per_second=len(took_ms) / (now - begun),
        p50_ms=float(np.percentile(took_ms, 50)),
        p99_ms=float(np.percentile(took_ms, 99)),
    )


def _size(received: bytes) -> int:
    """The bytes of the whole answer; 0 where its head is not here yet."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return 0
    status, length = _STARTS.match(received), _LENGTH.search(received, 0, end)
    if not status or status[1] != b"200" or not length:
        raise RuntimeError(f"not an answer that is expected: {received[:600]!r}")
    return end + 4 + int(length[1])
