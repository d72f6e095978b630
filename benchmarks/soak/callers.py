"""Callers of every kind: right, wrong, too large, half sent, and slow."""

import http.client
import random
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

TIMEOUT_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a caller was told: the kind of caller, the status, or None where the connection ended without one."""

    kind: str
    status: int | None
    began: float
    ended: float


def right(port: int, chance: random.Random) -> int:
    return _posted(port, b'{"instances": [[%f, 0.5]]}' % chance.random(), "application/json")


def large(port: int, chance: random.Random) -> int:
    return _posted(port, b"1.5,2.5\n" * chance.randint(10_000, 20_000), "text/csv")


def invalid(port: int, chance: random.Random) -> int:
    bodies = (b"{", b"[[1,2,3]]", b"\xff\xfe\x00", b'{"instances": 3}', b"[" * 1000, b"")
    return _posted(port, chance.choice(bodies), chance.choice(("application/json", "text/csv", "image/png")))


def oversized(port: int, _: random.Random) -> int:
    return _posted(port, bytes(26 << 20), "text/csv")


def half_sent(port: int, _: random.Random) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as caller:
        caller.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[[1,")


def slow(port: int, chance: random.Random) -> int | None:
    """A byte every half second, of the head or of the body."""
    text = b"POST /invocations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 40\r\n\r\n[[1,2]]"
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as caller:
        caller.sendall(text[: chance.choice((20, len(text) - 4))])
        for byte in text[-20:]:
            time.sleep(0.5)
            try:
                caller.sendall(bytes([byte]))
            except OSError:
                break
        return _status(caller)


KINDS: Mapping[str, tuple[float, Callable[[int, random.Random], int | None]]] = {
    "right": (0.70, right),
    "large": (0.05, large),
    "invalid": (0.20, invalid),
    "oversized": (0.01, oversized),
    "half sent": (0.03, half_sent),
    "slow": (0.01, slow),
}
"""How often each comes, and what it does."""

EXPECTED: Mapping[str, frozenset[int | None]] = {
    "right": frozenset({200}),
    "large": frozenset({200}),
    "invalid": frozenset({400, 415}),
    "oversized": frozenset({413}),
    "half sent": frozenset({None}),
    "slow": frozenset({200, 400, 408, None}),
}
"""What each may be told where no worker was killed meanwhile."""


def call(port: int, chance: random.Random) -> Said:
    """One caller's call; one that is refused or reset has no status."""
    kind = chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    began = time.time()
    try:
        status = KINDS[kind][1](port, chance)
    except (OSError, http.client.HTTPException):
        status = None
    return Said(kind=kind, status=status, began=began, ended=time.time())


def _posted(port: int, body: bytes, content_type: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", "/invocations", body=body, headers={"Content-Type": content_type})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def _status(caller: socket.socket) -> int | None:
    try:
        head = caller.recv(1 << 16)
    except OSError:
        return None
    return int(head[9:12]) if head.startswith(b"HTTP/1.1 ") else None
