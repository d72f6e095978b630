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

HEADER_BYTES = 8
WHOLE, BEGIN, MIDDLE, END = range(4)
"""Continuation flags: what a frame holds of its record."""

_WORDS = struct.Struct("<II")


class Cut(UserError):
    """The body ends before a frame, or a record in parts, does: more bytes would mend it."""


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


def whole(view: memoryview, *, most: int) -> int:
    """Return how many of the first bytes are whole records, at most `most` of them.

    Bytes that begin no frame are nobody's, and end the count: `decode` says what is wrong with them.
    """
    at = end = count = 0
    while count < most and len(view) - at >= _WORDS.size and view[at : at + 4] == MAGIC:
        _, word = _WORDS.unpack_from(view, at)
        length = word & LONGEST
        at += _WORDS.size + length + -length % 4
        if at > len(view):
            break
        if word >> 29 in (WHOLE, END):
            end, count = at, count + 1
    return end


def frame(view: memoryview, at: int) -> tuple[Span, int]:
    """Return where the record lies whose frame begins at byte `at`, and where the next frame begins.

    The buffer is the view itself but for a record in parts. Raises UserError, `at` the byte.
    """
    part, start, stop = _part(view, at)
    if part == WHOLE:
        return (view, start, stop), _padded(view, stop, start)
    if part != BEGIN:
        raise UserError("the frame goes on with a record of which no beginning came", at=f"byte {at}")
    return _joined(view, at)


def begun(header: bytes | memoryview, *, at: int) -> tuple[int, int]:
    """Return the continuation flag and the length of content that the first bytes of a frame, HEADER_BYTES, announce.

    Raises UserError, `at` this byte, and Cut where they are fewer.
    """
    if len(header) < HEADER_BYTES:
        raise Cut(f"the frame's header of 8 bytes is cut off after {len(header)}", at=f"byte {at}")
    if header[:4] != MAGIC:
        found = bytes(header[:4]).hex(" ")
        raise UserError(f"a RecordIO frame begins with {MAGIC.hex(' ')}, and here stands {found}", at=f"byte {at}")
    _, word = _WORDS.unpack(header)
    if word >> 29 > END:
        raise UserError(f"the frame's continuation flag is {word >> 29}, and RecordIO knows 0 to 3", at=f"byte {at}")
    return word >> 29, word & LONGEST


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
    part = BEGIN
    while part != END:
        if at >= len(view):
            raise Cut("the body ends within a record that comes in parts", at=f"byte {at}")
        part, start, stop = _part(view, at)
        if part not in ((MIDDLE, END) if pieces else (BEGIN,)):
            raise UserError("a record in parts is not ended before the next begins", at=f"byte {at}")
        # The writer cuts a record where its bytes are the magic word, and leaves the word out.
        pieces += [MAGIC, view[start:stop]] if pieces else [view[start:stop]]
        at = _padded(view, stop, start)
    whole = memoryview(b"".join(pieces))
    return (whole, 0, len(whole)), at


def _part(view: memoryview, at: int) -> tuple[int, int, int]:
    """The continuation flag, the first byte and the end of the frame's content."""
    part, length = begun(view[at : at + HEADER_BYTES], at=at)
    start = at + HEADER_BYTES
    if length > len(view) - start:
        raise Cut(f"the frame announces {length} bytes, and the body holds {len(view) - start}", at=f"byte {at}")
    return part, start, start + length


def _padded(view: memoryview, stop: int, start: int) -> int:
    """Where the next frame begins; the body may end before the padding does (contract line 127)."""
    return min(stop + (start - stop) % 4, len(view))
