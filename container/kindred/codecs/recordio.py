"""RecordIO: records in frames, each of a magic word, a length, and zeros up to a multiple of four bytes.

Contract lines 127, 175 and 176.
"""

import struct
from collections.abc import Iterable

from kindred.errors import UserError

MAGIC = b"\x0a\x23\xd7\xce"
"""0xCED7230A, little-endian."""

Span = tuple[memoryview, int, int]
"""A buffer, and the first byte and the end of what is meant within it."""

LONGEST = (1 << 29) - 1
"""Bytes of a record: the upper three bits of the length word say whether it is whole."""

_WORDS = struct.Struct("<II")
_WHOLE, _BEGIN, _MIDDLE, _END = range(4)


def framed(body: bytes | memoryview) -> bool:
    """Say whether the body begins with a frame; all four bytes count, as a bare protobuf may share the first."""
    return bytes(body[:4]) == MAGIC


def decode(body: bytes | memoryview) -> list[memoryview]:
    """Return the records of a body of frames, in order, without copying; the last frame may lack its padding.

    A record that was written in parts is joined, with the magic word between them as MXNet reads it. Raises UserError,
    `at` the record (from 1) and the byte (from 0).
    """
    view = memoryview(body).cast("B")
    records: list[memoryview] = []
    at = 0
    while at < len(view):
        try:
            (buffer, start, stop), at = frame(view, at)
        except UserError as error:
            error.at = f"record {len(records) + 1}, {error.at}"
            raise
        records.append(buffer[start:stop])
    return records


def frame(view: memoryview, at: int) -> tuple[Span, int]:
    """Return where the record lies whose frame begins at byte `at`, and where the next frame begins.

    The buffer is the view itself but for a record in parts. Raises UserError, `at` the byte.
    """
    part, start, stop = _part(view, at)
    if part == _WHOLE:
        return (view, start, stop), _padded(view, stop, start)
    if part != _BEGIN:
        raise UserError("the frame goes on with a record of which no beginning came", at=f"byte {at}")
    return _joined(view, at)


def encode(records: Iterable[bytes | memoryview]) -> bytes:
    """Return the records, each in a frame of its own. Raises UserError for one of more than LONGEST bytes."""
    return b"".join(part for record in records for part in (header(len(record)), record, padding(len(record))))


def header(length: int) -> bytes:
    """Return the eight bytes before a whole record of so many bytes. Raises UserError for more than LONGEST."""
    if length > LONGEST:
        raise UserError(f"a record of {length} bytes is too long for RecordIO, which takes {LONGEST}")
    return _WORDS.pack(int.from_bytes(MAGIC, "little"), length)


def padding(length: int) -> bytes:
    """Return the zeros that follow a record of so many bytes."""
    return bytes(-length % 4)


def _joined(view: memoryview, at: int) -> tuple[Span, int]:
    pieces: list[bytes | memoryview] = []
    part = _BEGIN
    while part != _END:
        if at >= len(view):
            raise UserError("the body ends within a record that comes in parts", at=f"byte {at}")
        part, start, stop = _part(view, at)
        if part not in ((_MIDDLE, _END) if pieces else (_BEGIN,)):
            raise UserError("a record in parts is not ended before the next begins", at=f"byte {at}")
        # The writer cuts a record where its bytes are the magic word, and leaves the word out.
        pieces += [MAGIC, view[start:stop]] if pieces else [view[start:stop]]
        at = _padded(view, stop, start)
    whole = memoryview(b"".join(pieces))
    return (whole, 0, len(whole)), at


def _part(view: memoryview, at: int) -> tuple[int, int, int]:
    """The continuation flag, the first byte and the end of the frame's content."""
    if len(view) - at < _WORDS.size:
        raise UserError(f"the frame's header of 8 bytes is cut off after {len(view) - at}", at=f"byte {at}")
    if view[at : at + 4] != MAGIC:
        found = bytes(view[at : at + 4]).hex(" ")
        raise UserError(f"a RecordIO frame begins with {MAGIC.hex(' ')}, and here stands {found}", at=f"byte {at}")
    _, word = _WORDS.unpack_from(view, at)
    start, length = at + _WORDS.size, word & LONGEST
    if length > len(view) - start:
        raise UserError(f"the frame announces {length} bytes, and the body holds {len(view) - start}", at=f"byte {at}")
    if word >> 29 > _END:
        raise UserError(f"the frame's continuation flag is {word >> 29}, and RecordIO knows 0 to 3", at=f"byte {at}")
    return word >> 29, start, start + length


def _padded(view: memoryview, stop: int, start: int) -> int:
    """Where the next frame begins; the body may end before the padding does (contract line 127)."""
    return min(stop + (start - stop) % 4, len(view))
