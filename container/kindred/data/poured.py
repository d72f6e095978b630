"""A stream of tables, which comes but once, becomes files in a folder, which are read as often as need be."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from kindred.codecs import recordio_objects
from kindred.data import vectors_text
from kindred.data.scratch import full_disk_told
from kindred.data.streams import peeked, unpacked, unpacking

HEAD_BYTES = 1 << 16
_MARK = b"\xef\xbb\xbf"


def pour(stream: IO[bytes], folder: Path, *, label: str, wrapped: bool) -> None:
    """Write the tables of a stream into the folder, unpacked, under names that tell their format.

    Where it is `wrapped`, every record of RecordIO in it is a table; else it is one, whose objects have nothing between
    them: their headers are left out but for the first, whether or not the line before them was ended. Raises UserError
    where the disk is full, for damaged packing and for what is no RecordIO.
    """
    with stream, unpacking(label):
        if not wrapped:
            _put(stream, folder, label, glued=True)
            return
        for number, each in enumerate(recordio_objects.objects(stream), 1):
            _put(each, folder, f"{label}-{number}", glued=False)


def _put(stream: IO[bytes], folder: Path, name: str, *, glued: bool) -> None:
    head, whole = peeked(unpacked(stream)[0], HEAD_BYTES)
    if not head:
        return
    ending = _ending(head)
    pieces = _unheaded(whole) if glued and ending in (".csv", ".tsv") else iter(lambda: whole.read(1 << 20), b"")
    written = 0
    with full_disk_told(written), (folder / f"{name}{ending}").open("wb") as file:
        for piece in pieces:
            written += len(piece)
            with full_disk_told(written):
                file.write(piece)


def _ending(head: bytes) -> str:
    if head.startswith(b"PAR1"):
        return ".parquet"
    if head.removeprefix(_MARK).lstrip().startswith(b"{"):
        return ".jsonl"
    first = head.partition(b"\n")[0]
    return ".tsv" if first.count(b"\t") > first.count(b",") else ".csv"


def _unheaded(stream: IO[bytes]) -> Iterator[bytes]:
    """The text with its first line wherever it stands again left out, at the end of an unended line as well."""
    header = b""
    for _, block in vectors_text.blocks(stream):
        if not header:
            first, end, rest = block.partition(b"\n")
            header = _bare(first)
            yield first + end
        else:
            rest = block
        # A header of one column is a word, with which other lines may end.
        yield rest if header not in rest or not _columns(header) else _without(rest, header)


def _without(block: bytes, header: bytes) -> bytes:
    kept = [_cut(line, header) for line in block.split(b"\n")[:-1]]
    last = block.rpartition(b"\n")[2]
    return b"".join(line + b"\n" for line in kept if line is not None) + (_cut(last, header) or b"")


def _cut(line: bytes, header: bytes) -> bytes | None:
    bare = _bare(line)
    if bare == header:
        return None
    return bare.removesuffix(header).removesuffix(_MARK) if bare.endswith(header) else line


def _bare(line: bytes) -> bytes:
    return line.removeprefix(_MARK).rstrip(b"\r")


def _columns(header: bytes) -> bool:
    return b"," in header or b"\t" in header
