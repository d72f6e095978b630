"""Bytes that come but once: looked at without losing them, and unpacked."""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast

from kindred.errors import UserError

_UNPACK: Mapping[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda packed: cast(IO[bytes], gzip.GzipFile(fileobj=packed)),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}

_LONGEST_MAGIC = max(map(len, _UNPACK))


def peeked(stream: IO[bytes], size: int) -> tuple[bytes, IO[bytes]]:
    """Return the first `size` bytes, fewer where there are no more, and the stream from its start."""
    head = stream.read(size)
    return head, cast(IO[bytes], io.BufferedReader(_Rejoined(head, stream), 1 << 16))


def unpacked(stream: IO[bytes]) -> tuple[IO[bytes], bool]:
    """Return the stream, unpacked where it is gzip, bzip2 or xz, and whether it was packed."""
    start, whole = peeked(stream, _LONGEST_MAGIC)
    unpack = next((unpack for magic, unpack in _UNPACK.items() if start.startswith(magic)), None)
    return (whole, False) if unpack is None else (cast(IO[bytes], _Unpacked(unpack(whole), whole)), True)


@contextmanager
def unpacking(label: str) -> Iterator[None]:
    """Name what cannot be unpacked by its label, in a UserError."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise UserError(f"the compressed file is cut short or damaged ({error}); upload it again", at=label) from error
    except OSError as error:
        if error.errno is not None:
            raise
        # What bzip2 finds damaged has no number.
        raise UserError(f"the compressed file is damaged ({error}); upload it again", at=label) from error


class _Unpacked(io.BufferedReader):
    """What the unpacking stream gives; it leaves the packed one open, which is closed with this."""

    def __init__(self, plain: IO[bytes], packed: IO[bytes]) -> None:
        super().__init__(cast(io.RawIOBase, plain))
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


class _Rejoined(io.RawIOBase):
    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        wanted = memoryview(cast(bytearray, buffer)).cast("B")
        piece = self._head[: len(wanted)] or self._rest.read(len(wanted))
        self._head = self._head[len(wanted) :]
        wanted[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._rest.close()
        super().close()
