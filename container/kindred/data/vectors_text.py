"""A text of one row a line becomes rows, block by block, so that it need not fit into memory."""

import codecs
import io
from collections.abc import Callable, Iterator
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import text
from kindred.errors import UserError

BLOCK_BYTES = 1 << 22
"""Text that is turned into rows at a time; the values that it spells take some ten times as much meanwhile."""

LINE_BYTES = 1 << 28
"""A line may be as long: the widest row, in 16 letters a number."""

WIDE = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks of UTF-16, whose line ends are two bytes."""

Decode = Callable[[str], Iterator[NDArray[np.float32]]]


def rows(stream: IO[bytes], decode: Decode, *, head: bytes, charset: str | None) -> Iterator[NDArray[np.float32]]:
    """Yield what `decode` makes of blocks of whole lines; `head` are the first bytes of the stream.

    Raises UserError, `at` the line of the whole text.
    """
    narrow, charset = _narrow(stream, head, charset)
    for before, block in blocks(narrow):
        try:
            yield from decode(text.decode(block, charset))
        except UserError as error:
            error.at = _later(error.at, before)
            raise


def blocks(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield blocks of whole lines, each with the number of lines before it. Raises UserError for an endless line."""
    lines, rest = 0, stream.read(BLOCK_BYTES)
    while piece := stream.read(BLOCK_BYTES):
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if end:
            yield lines, whole + end
            lines += whole.count(b"\n") + 1
        if len(rest) > LINE_BYTES:
            raise UserError(f"the line is longer than {LINE_BYTES} bytes", at=f"line {lines + 1}")
    if rest:
        yield lines, rest


def _narrow(stream: IO[bytes], head: bytes, charset: str | None) -> tuple[IO[bytes], str | None]:
    """The text in a charset whose line ends are one byte, and that charset."""
    wide = "utf-16" if head.startswith(WIDE) else charset
    if wide is None or not _is_wide(wide):
        return stream, charset
    return cast(IO[bytes], io.BufferedReader(_Recoded(stream, wide), 1 << 16)), None


def _is_wide(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name.startswith("utf-16")
    except (LookupError, ValueError):
        return False


class _Recoded(io.RawIOBase):
    """The bytes of a text, decoded and encoded as UTF-8."""

    def __init__(self, stream: IO[bytes], charset: str) -> None:
        self._stream, self._charset = stream, charset
        self._decoder = codecs.getincrementaldecoder(charset)("strict")
        self._waiting, self._ended = b"", False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        wanted = memoryview(cast(bytearray, buffer)).cast("B")
        while not self._waiting and not self._ended:
            piece = self._stream.read(1 << 20)
            self._ended = not piece
            self._waiting = self._recoded(piece)
        piece, self._waiting = self._waiting[: len(wanted)], self._waiting[len(wanted) :]
        wanted[: len(piece)] = piece
        return len(piece)

    def _recoded(self, piece: bytes) -> bytes:
        try:
            return self._decoder.decode(piece, final=self._ended).encode()
        except UnicodeError:
            raise UserError(f"the text is not {self._charset.upper()}; send UTF-8") from None


def _later(at: str | None, lines: int) -> str | None:
    word, _, rest = (at or "").partition(" ")
    number, comma, more = rest.partition(",")
    return f"line {int(number) + lines}{comma}{more}" if word == "line" and number.isdecimal() else at
