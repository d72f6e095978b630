"""Whole messages between two hosts of a job, over TCP; whoever ends says goodbye or what went wrong (line 61)."""

import contextlib
import json
import select
import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from kindred.contract.port import Buffer
from kindred.errors import Bug, UserError

MOST_PARTS = 256
"""Parts that a message may have."""

_DATA, _DONE, _FAILED = b"m", b"d", b"f"
_HEAD = struct.Struct("<cI")
_LENGTH = struct.Struct("<Q")

# A host that was cut off says nothing: 10 s of silence, then 4 probes 5 s apart, and the link is given up.
_PATIENCE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 4, "TCP_USER_TIMEOUT": 30_000}


@dataclass(frozen=True)
class Link:
    """A connection to the host of that name. A message is a few parts, each of them bytes; none is ever unpickled."""

    host: str
    connection: socket.socket = field(repr=False)

    def send(self, parts: Sequence[Buffer]) -> None:
        """Send a message. Raises UserError where the other host failed or is gone."""
        try:
            self._put(_DATA, parts)
        except OSError as error:
            while self.receive() is not None:  # it may have said why
                continue
            raise self._lost() from error

    def receive(self, *, most_bytes: int | None = None) -> list[bytearray] | None:
        """Wait for a message and return its parts; None where the other host is done.

        Raises UserError where it is gone or sends more than `most_bytes`, and what it says it failed of.
        """
        try:
            kind, parts = self._got(most_bytes)
        except (OSError, EOFError, struct.error) as error:
            raise self._lost() from error
        if kind == _FAILED:
            said = json.loads(parts[0])
            raise (UserError if said["mendable"] else Bug)(f"the host {self.host} failed: {said['sentence']}")
        return None if kind == _DONE else parts

    def waiting(self, seconds: float = 0) -> bool:
        """Return whether something can be received within so many seconds, if only that the other host is gone."""
        watch = select.poll()
        watch.register(self.connection, select.POLLIN)
        return bool(watch.poll(1000 * seconds))

    def done(self) -> None:
        """Say that the job is done and no message will follow. Raises nothing."""
        self._leave(_DONE, [])

    def fail(self, sentence: str, *, mendable: bool) -> None:
        """Say what this host failed of; no message will follow. Raises nothing."""
        self._leave(_FAILED, [json.dumps({"sentence": sentence, "mendable": mendable}).encode()])

    def close(self, *, latest: float) -> None:
        """Close the connection once the other host has, or at the monotonic time `latest`. Raises nothing.

        What it still sends is thrown away: closed over unread bytes, the connection would lose our last words.
        """
        with self.connection, contextlib.suppress(OSError):
            while (left := latest - time.monotonic()) > 0:
                self.connection.settimeout(left)
                if not self.connection.recv(1 << 16):
                    return

    def _leave(self, kind: bytes, parts: Sequence[Buffer]) -> None:
        with contextlib.suppress(OSError):
            self._put(kind, parts)
            self.connection.shutdown(socket.SHUT_WR)

    def _put(self, kind: bytes, parts: Sequence[Buffer]) -> None:
        views = [memoryview(part) for part in parts]
        self.connection.sendall(_HEAD.pack(kind, len(views)) + b"".join(_LENGTH.pack(view.nbytes) for view in views))
        for view in views:
            self.connection.sendall(view)

    def _got(self, most_bytes: int | None) -> tuple[bytes, list[bytearray]]:
        kind, count = _HEAD.unpack(self._exactly(_HEAD.size))
        if kind not in (_DATA, _DONE, _FAILED) or count > MOST_PARTS:
            raise EOFError("this is no message of ours")
        lengths = [_LENGTH.unpack(self._exactly(_LENGTH.size))[0] for _ in range(count)]
        if most_bytes is not None and sum(lengths) > most_bytes:
            raise EOFError("the message is too long")
        return kind, [self._exactly(length) for length in lengths]

    def _exactly(self, length: int) -> bytearray:
        content = bytearray(length)
        view, got = memoryview(content), 0
        while got < length:
            count = self.connection.recv_into(view[got:])
            if count == 0:
                raise EOFError("the connection ended")
            got += count
        return content

    def _lost(self) -> UserError:
        return UserError(
            f"the host {self.host} was lost before the job was done: it was killed, ran out of memory or was cut off; "
            "its own log may say why"
        )


def watched(connection: socket.socket) -> socket.socket:
    """Make a connection wait for ever on a host that lives, and fail within a minute on one that does not."""
    connection.settimeout(None)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _PATIENCE.items():
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return connection
