"""A file of vectors, told by its first bytes, whatever its name or its content type says."""

import bz2
import gzip
import lzma
import mmap
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, cast

from kindred.codecs import json_text, npy, recordio, text
from kindred.errors import UserError

Format = Literal["RecordIO-protobuf", "npy", "Parquet", "JSON", "JSON Lines", "CSV"]
FORMATS: tuple[Format, ...] = ("RecordIO-protobuf", "npy", "Parquet", "JSON", "JSON Lines", "CSV")

HEAD_BYTES = 1 << 22
"""A line that is longer ends in the middle where only the head of a file is looked at."""

WIDE = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks of UTF-16, whose line ends are two bytes."""

_MAGICS: Mapping[bytes, Format] = {recordio.MAGIC: "RecordIO-protobuf", npy.MAGIC: "npy", b"PAR1": "Parquet"}

_UNPACK: Mapping[bytes, Callable[[IO[bytes]], IO[bytes]]] = {
    b"\x1f\x8b": lambda packed: cast(IO[bytes], gzip.GzipFile(fileobj=packed)),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file that is not empty: what a person calls it, its format, its first bytes unpacked, whether it is packed."""

    path: Path
    label: str
    format: Format
    head: bytes
    packed: bool


def told(path: Path, *, label: str) -> Source:
    """Return what a file is; .gz, .bz2 and .xz are looked into. Raises UserError where it is of no format we read."""
    with reading(label):
        with path.open("rb") as file:
            packed = _unpacking(file.read(6)) is not None
        with _stream(path) as stream:
            head = stream.read(HEAD_BYTES)
        return Source(path=path, label=label, format=_format(head), head=head, packed=packed)


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """Give the file's bytes, unpacked, to be read from the start."""
    with _stream(source.path) as stream:
        yield stream


def content(source: Source) -> memoryview | bytes:
    """Return all bytes of the file, unpacked; mapped, not read, where that can be."""
    if not source.packed:
        # A file system that cannot map, as FastFile's may not, is read instead.
        with suppress(OSError, ValueError), source.path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    with opened(source) as stream:
        return stream.read()


@contextmanager
def reading(label: str) -> Iterator[None]:
    """Complete the place that a UserError names with `label`; name the file where it cannot be unpacked."""
    try:
        yield
    except UserError as error:
        error.at = _within(label, error.at)
        raise
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
        raise UserError(f"the compressed file is cut short or damaged ({error}); upload it again", at=label) from error


def _unpacking(start: bytes) -> Callable[[IO[bytes]], IO[bytes]] | None:
    return next((unpack for magic, unpack in _UNPACK.items() if start.startswith(magic)), None)


@contextmanager
def _stream(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        unpack = _unpacking(file.read(6))
        file.seek(0)
        if unpack is None:
            yield file
            return
        with unpack(file) as stream:
            yield stream


def _format(head: bytes) -> Format:
    for magic, found in _MAGICS.items():
        if head.startswith(magic):
            return found
    if b"\0" in head and not head.startswith(WIDE):
        raise UserError(f"the file is none of {', '.join(FORMATS)}; it begins with {head[:8]!r}")
    first, _, rest = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not first.startswith((b"{", b"[")):
        return "CSV"
    return "JSON Lines" if rest.strip() and _complete(first) else "JSON"


def _complete(line: bytes) -> bool:
    try:
        json_text.decode(text.decode(line))
    except UserError:
        return False
    return True


def _within(label: str, at: str | None) -> str:
    if not at or at.startswith(label):
        return at or label
    return f"{label}:{at.removeprefix('line ')}" if at.startswith("line ") else f"{label}: {at}"
