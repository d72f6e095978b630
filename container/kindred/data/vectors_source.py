"""A file or an object of vectors, told by its first bytes, whatever its name or its content type says."""

import mmap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Literal

from kindred.codecs import json_text, libsvm, npy, recordio, text
from kindred.data.distant import distant
from kindred.data.scratch import Scratch
from kindred.data.streams import peeked, unpacked, unpacking
from kindred.data.vectors_text import WIDE
from kindred.errors import UserError

Format = Literal["RecordIO-protobuf", "npy", "Parquet", "JSON", "JSON Lines", "LIBSVM", "CSV"]
FORMATS: tuple[Format, ...] = ("RecordIO-protobuf", "npy", "Parquet", "JSON", "JSON Lines", "LIBSVM", "CSV")

HEAD_BYTES = 1 << 22
"""A line that is longer ends in the middle where only the head of a file is looked at."""

_LOOKED_AT = 20
_MAGICS: Mapping[bytes, Format] = {recordio.MAGIC: "RecordIO-protobuf", npy.MAGIC: "npy", b"PAR1": "Parquet"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a person calls it, its format, its first bytes unpacked; `open` gives all of them, unpacked.

    `plain` is the path of a file that is not packed; else None. What has no path can be opened but once.
    """

    label: str
    format: Format
    head: bytes
    plain: Path | None
    open: Callable[[], IO[bytes]]


def told(path: Path, *, label: str) -> Source:
    """Return what a file is; .gz, .bz2 and .xz are looked into. Raises UserError where it is of no format we read."""
    with reading(label):
        stream, packed = unpacked(path.open("rb"))
        with stream:
            head = stream.read(HEAD_BYTES)
        again = partial(_reopened, path)
        return Source(label=label, format=_format(head), head=head, plain=None if packed else path, open=again)


def flowing(stream: IO[bytes], *, label: str) -> Source:
    """Return what a stream is, packed or not, as `told` does of a file; `open` goes on with it."""
    with reading(label):
        head, whole = peeked(unpacked(stream)[0], HEAD_BYTES)
        return Source(label=label, format=_format(head), head=head, plain=None, open=lambda: whole)


def content(source: Source) -> mmap.mmap | bytes:
    """Return all bytes, unpacked, mapped: where they lie, or else in a scratch file."""
    if source.plain and not distant(source.plain):
        with suppress(OSError, ValueError), source.plain.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    scratch = _copied(source)
    return scratch.mapped() if scratch.size else b""


@contextmanager
def settled(source: Source) -> Iterator[str]:
    """Give a path under which the bytes, unpacked, lie: their own, or that of a scratch file."""
    if source.plain:
        yield str(source.plain)
        return
    scratch = _copied(source)
    yield scratch.path


@contextmanager
def reading(label: str) -> Iterator[None]:
    """Complete the place that a UserError names with `label`; name the file where it cannot be unpacked."""
    try:
        with unpacking(label):
            yield
    except UserError as error:
        error.at = _within(label, error.at)
        raise


def _copied(source: Source) -> Scratch:
    scratch = Scratch()
    with source.open() as stream:
        scratch.copy(stream)
    return scratch


def _reopened(path: Path) -> IO[bytes]:
    return unpacked(path.open("rb"))[0]


def _format(head: bytes) -> Format:
    for magic, found in _MAGICS.items():
        if head.startswith(magic):
            return found
    if b"\0" in head and not head.startswith(WIDE):
        raise UserError(f"the file is none of {', '.join(FORMATS)}; it begins with {head[:8]!r}")
    first, _, rest = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not first.startswith((b"{", b"[")):
        return "LIBSVM" if _indexed(head) else "CSV"
    return "JSON Lines" if rest.strip() and _complete(first) else "JSON"


def _indexed(head: bytes) -> bool:
    """Rows of zeros have no index, so more than one line is looked at."""
    lines = head.split(b"\n", _LOOKED_AT)[:_LOOKED_AT]
    return any(b":" in line and libsvm.resembles(line.decode("latin-1")) for line in lines)


def _complete(line: bytes) -> bool:
    try:
        json_text.decode(text.decode(line))
    except UserError:
        return False
    return True


def _within(label: str, at: str | None) -> str:
    if not at or at.startswith((label, "/")):
        return at or label
    return f"{label}:{at.removeprefix('line ')}" if at.startswith("line ") else f"{label}: {at}"
