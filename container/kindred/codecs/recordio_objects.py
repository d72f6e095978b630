"""A stream of RecordIO whose every record is an object, such as a file: each as a stream (contract line 43)."""

import io
from collections.abc import Iterator
from typing import IO, cast

from kindred.codecs import recordio
from kindred.codecs.recordio import BEGIN, HEADER_BYTES, MAGIC, MIDDLE
from kindred.errors import UserError


def objects(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield the content of each record as a stream, which is to be read before the next is asked for.

    Raises UserError, `at` the record (from 1) and the byte (from 0), as the streams do, for what is no whole frame.
    """
    at, number = 0, 0
    while header := stream.read(HEADER_BYTES):
        number += 1
        record = _Record(stream, header, at=at, number=number)
        yield cast(IO[bytes], io.BufferedReader(record))
        # What nobody wanted of it; whoever read it may have closed it.
        while record.readinto(bytearray(1 << 16)):
            pass
        at = record.at


class _Record(io.RawIOBase):
    """The content of one record, whose parts are joined with the magic word between them, as MXNet cuts them."""

    def __init__(self, stream: IO[bytes], header: bytes, *, at: int, number: int) -> None:
        self._stream, self._number, self.at = stream, number, at
        self._waiting = b""
        self._part, self._left = self._announced(header)
        if self._part not in (recordio.WHOLE, BEGIN):
            raise self._wrong("the frame goes on with a record of which no beginning came")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        wanted = memoryview(cast(bytearray, buffer)).cast("B")
        while not self._waiting and not self._left:
            if self._part not in (BEGIN, MIDDLE):
                return 0
            self._go_on()
        if self._waiting:
            piece, self._waiting = self._waiting[: len(wanted)], self._waiting[len(wanted) :]
        else:
            piece = self._content(min(len(wanted), self._left))
        wanted[: len(piece)] = piece
        return len(piece)

    def _go_on(self) -> None:
        header = self._stream.read(HEADER_BYTES)
        if not header:
            raise self._wrong("the stream ends within a record that comes in parts")
        self._part, self._left = self._announced(header)
        if self._part not in (MIDDLE, recordio.END):
            raise self._wrong("a record in parts is not ended before the next begins")
        self._waiting = MAGIC

    def _announced(self, header: bytes) -> tuple[int, int]:
        try:
            part, length = recordio.begun(header, at=self.at)
        except UserError as error:
            error.at = f"record {self._number}, {error.at}"
            raise
        self._padding = -length % 4
        self.at += HEADER_BYTES
        self._skip_padding(length)
        return part, length

    def _content(self, size: int) -> bytes:
        piece = self._stream.read(size)
        if len(piece) < size:
            raise self._wrong(f"the stream ends {self._left - len(piece)} bytes before its record does")
        self._left -= size
        self.at += size
        self._skip_padding(self._left)
        return piece

    def _skip_padding(self, left: int) -> None:
        if not left:
            self.at += len(self._stream.read(self._padding))

    def _wrong(self, sentence: str) -> UserError:
        return UserError(sentence, at=f"record {self._number}, byte {self.at}")
