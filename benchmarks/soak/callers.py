"""Callers of every kind: right, once or again and again; wrong; too large; half sent; slow; silent."""

import http.client
import random
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks.soak.stands import PATIENCE_S, Question, Stand

TIMEOUT_S = 2.0 * PATIENCE_S
PAUSE_S = 0.5
HEAD = b"POST /invocations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a caller was told: a status for each request, the last None where the connection ended without one."""

    kind: str
    statuses: tuple[int | None, ...]
    began: float
    ended: float


Caller = Callable[[int, Stand, random.Random], Iterator[int | None]]


def right(port: int, stand: Stand, chance: random.Random) -> Iterator[int]:
    yield from _asked(port, stand.right(chance))


def kept(port: int, stand: Stand, chance: random.Random) -> Iterator[int]:
    """Many requests over one connection."""
    asked = [stand.right(chance) for _ in range(chance.randint(5, 30))]
    yield from _asked(port, *asked)


def large(port: int, stand: Stand, chance: random.Random) -> Iterator[int]:
    yield from _asked(port, stand.large(chance))


def invalid(port: int, stand: Stand, chance: random.Random) -> Iterator[int]:
    yield from _asked(port, chance.choice(stand.wrong))


def oversized(port: int, _: Stand, __: random.Random) -> Iterator[int]:
    yield from _asked(port, ("text/csv", bytes(26 << 20)))


def half_sent(port: int, stand: Stand, chance: random.Random) -> Iterator[None]:
    """Hang up in the middle of the head, or of the body."""
    text = _text(stand.right(chance))
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as caller:
        caller.sendall(text[: chance.randint(1, len(text) - 1)])
    yield None


def slow(port: int, stand: Stand, chance: random.Random) -> Iterator[int | None]:
    """A byte every half second for ten seconds, of the head or of the body, before the rest comes."""
    text = _text(stand.right(chance))
    at = chance.choice((10, text.index(b"\r\n\r\n") + 4))
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as caller:
        caller.sendall(text[:at])
        for place in range(at, min(at + 20, len(text))):
            time.sleep(PAUSE_S)
            caller.sendall(text[place : place + 1])
        caller.sendall(text[at + 20 :])
        yield _status(caller)


def silent(port: int, stand: Stand, chance: random.Random) -> Iterator[int | None]:
    """Half of the body, and then nothing more, until the other side gives up."""
    text = _text(stand.right(chance))
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as caller:
        caller.sendall(text[:-1])
        yield _status(caller)


KINDS: Mapping[str, tuple[float, Caller]] = {
    "right": (0.65, right),
    "kept": (0.06, kept),
    "large": (0.03, large),
    "invalid": (0.20, invalid),
    "oversized": (0.01, oversized),
    "half sent": (0.04, half_sent),
    "slow": (0.005, slow),
    "silent": (0.005, silent),
}
"""How often each comes, and what it does."""

EXPECTED: Mapping[str, frozenset[int | None]] = {
    "right": frozenset({200}),
    "kept": frozenset({200}),
    "large": frozenset({200}),
    "invalid": frozenset({400, 404, 415}),
    "oversized": frozenset({413}),
    "half sent": frozenset({None}),
    "slow": frozenset({200, 408, None}),
    "silent": frozenset({408, None}),
}
"""What each may be told where no worker was killed meanwhile."""


def call(port: int, stand: Stand, chance: random.Random) -> Said:
    """One caller's call; what is refused or reset has no status."""
    kind = chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    told: list[int | None] = []
    began = time.time()
    try:
        told.extend(KINDS[kind][1](port, stand, chance))
    except (OSError, http.client.HTTPException):
        told.append(None)
    return Said(kind=kind, statuses=tuple(told), began=began, ended=time.time())


def _asked(port: int, *questions: Question) -> Iterator[int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        for content_type, body in questions:
            connection.request("POST", "/invocations", body=body, headers={"Content-Type": content_type})
            response = connection.getresponse()
            response.read()
            yield response.status
    finally:
        connection.close()


def _text(question: Question) -> bytes:
    content_type, body = question
    return HEAD % (content_type.encode(), len(body)) + body


def _status(caller: socket.socket) -> int | None:
    head = caller.recv(1 << 16)
    return int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else None
