"""The body of a request, read to its end or refused."""

from collections.abc import Mapping
from typing import Any, BinaryIO

from kindred.contract.settings import MIB
from kindred.errors import PayloadTooLarge, UserError

_PIECE = MIB
_DISCARDED = 128 * MIB
"""How much of a body too large is still taken: a caller who is cut off in the middle never reads our answer."""


def read(environ: Mapping[str, Any], *, limit: int | None) -> bytes:
    """Return the body of the WSGI request, of declared length or chunked; at most `limit` bytes, where that is given.

    Raises PayloadTooLarge over the limit, UserError where the body breaks off.
    """
    stream, length = environ["wsgi.input"], _length(environ)
    if length is None and not environ.get("wsgi.input_terminated"):
        return b""
    if limit is not None and length is not None and length > limit:
        raise _too_large(stream, limit)
    try:
        body: bytes = stream.read(length if length is not None else -1 if limit is None else limit + 1)
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
