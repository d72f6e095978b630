"""The body of a request, read to its end or refused."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from kindred.contract.serving.settings import MIB
from kindred.errors import PayloadTooLarge, UserError

_PIECE = MIB
_DISCARDED = 128 * MIB
"""How much of a body too large is still taken: a caller who is cut off in the middle never reads our answer."""

BLOCK = 4 * MIB
"""A body up to this size is read at once."""


@dataclass(frozen=True, kw_only=True)
class Body:
    """The first bytes of a body; and, where there are more of them, the binary stream that goes on after them.

    That stream's `tell` counts from the body's first byte.
    """

    head: bytes
    rest: Any = None

    def whole(self) -> bytes:
        """Read it to its end. Raises as `read`."""
        if self.rest is None:
            return self.head
        return b"".join((self.head, *iter(lambda: self.rest.read(_PIECE), b"")))

    @property
    def taken(self) -> int:
        """How many bytes of it were read so far."""
        return len(self.head) if self.rest is None else int(self.rest.tell())

    def stream(self) -> io.BufferedReader:
        """Return all of it as a stream; reading raises as `read`."""
        return io.BufferedReader(_Joined(self), _PIECE)


class Arriving(io.RawIOBase):
    """A body that is still coming in; reading raises as `read`, when the trouble shows. `taken` bytes were read."""

    def __init__(self, environ: Mapping[str, Any], *, limit: int | None) -> None:
        self._stream: BinaryIO = environ["wsgi.input"]
        self._limit = limit
        self._length = _length(environ)
        self.taken = 0
        if limit is not None and self._length is not None and self._length > limit:
            raise _too_large(self._stream, limit)

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self.taken

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as bytes are there; 0 at the end."""
        left = len(buffer) if self._length is None else min(len(buffer), self._length - self.taken)
        try:
            piece = self._stream.read(left) if left else b""
        except OSError:
            raise UserError("the body broke off before its end") from None
        self.taken += len(piece)
        if self._limit is not None and self.taken > self._limit:
            raise _too_large(self._stream, self._limit)
        if left and not piece and self._length is not None:
            raise UserError(f"the body broke off after {self.taken} of {self._length} bytes")
        buffer[: len(piece)] = piece
        return len(piece)


class _Joined(io.RawIOBase):
    def __init__(self, body: Body) -> None:
        self._head = memoryview(body.head)
        self._rest = body.rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._head:
            return self._rest.readinto(buffer) or 0 if self._rest else 0
        taken = self._head[: len(buffer)]
        buffer[: len(taken)] = taken
        self._head = self._head[len(taken) :]
        return len(taken)


def opened(environ: Mapping[str, Any], *, limit: int | None) -> Body:
    """Return the body of the WSGI request, of declared length or chunked; read at once where it is small.

    Raises PayloadTooLarge over the limit, UserError where the body breaks off.
    """
    length = _length(environ)
    if length is not None and length <= BLOCK:
        return Body(head=_read(environ["wsgi.input"], length, limit=limit))
    if length is None and not environ.get("wsgi.input_terminated"):
        return Body(head=b"")
    stream = Arriving(environ, limit=limit)
    head = b"".join(iter(lambda: stream.read(min(_PIECE, BLOCK - stream.taken)), b""))
    return Body(head=head, rest=stream if len(head) == BLOCK else None)


def read(environ: Mapping[str, Any], *, limit: int | None) -> bytes:
    """Return the body of the WSGI request, of declared length or chunked; at most `limit` bytes, where that is given.

    Raises PayloadTooLarge over the limit, UserError where the body breaks off.
    """
    length = _length(environ)
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""
    return _read(environ["wsgi.input"], length, limit=limit)


def _read(stream: BinaryIO, length: int | None, *, limit: int | None) -> bytes:
    if limit is not None and length is not None and length > limit:
        raise _too_large(stream, limit)
    try:
        body = stream.read(length if length is not None else -1 if limit is None else limit + 1)
    except OSError:
        raise UserError("the body broke off before its end") from None
    if length is not None and len(body) < length:
        raise UserError(f"the body broke off after {len(body)} of {length} bytes")
    if limit is not None and len(body) > limit:
        raise _too_large(stream, limit)
    return body


def _length(environ: Mapping[str, Any]) -> int | None:
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text) if text.isdecimal() else None


def _too_large(stream: BinaryIO, limit: int) -> PayloadTooLarge:
    taken = 0
    while taken < _DISCARDED and (piece := stream.read(_PIECE)):
        taken += len(piece)
    return PayloadTooLarge(f"the body is larger than {limit // MIB} MB; send fewer instances in a request")
