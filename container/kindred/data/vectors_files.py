"""A file of vectors becomes rows, part by part; and whether it is one at all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import json_text, records, text, vectors
from kindred.data import vectors_parquet
from kindred.data.vectors_source import WIDE, Format, Source, content, opened, reading
from kindred.errors import UserError

Rows = NDArray[np.float32]

BLOCK_BYTES = 1 << 23
"""Text that is turned into rows at a time: a file need not fit into memory as text."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How files are read.

    charset: of text. label_size: the columns of labels before the features, where the format has columns.
    most_cells: the most numbers that the sparse rows of one file may spread to.
    """

    charset: str | None
    label_size: int
    most_cells: int


def parts(source: Source, way: Way) -> Iterator[Rows]:
    """Yield the rows of the file, float32 (n, d), finite, as they are asked for.

    Raises UserError, `at` the file and the line, record or row, for what breaks the rules of its format.
    """
    with reading(source.label):
        for rows in _READERS[source.format](source, way):
            if len(rows):
                yield rows


def looks_numeric(source: Source) -> bool:
    """Tell by its beginning whether a file holds vectors, a header before them or not."""
    try:
        return _LOOKS[source.format](source)
    except UserError:
        return False


def _recordio(source: Source, way: Way) -> Iterator[Rows]:
    yield records.decode(content(source), most_cells=way.most_cells).rows


def _npy(source: Source, _: Way) -> Iterator[Rows]:
    yield vectors.from_npy(content(source))


def _parquet(source: Source, way: Way) -> Iterator[Rows]:
    yield vectors_parquet.rows(_table(source), label=source.label, label_size=way.label_size)


def _json(source: Source, way: Way) -> Iterator[Rows]:
    yield vectors.from_json_document(json_text.decode(text.decode(bytes(content(source)), way.charset)))


def _lines(source: Source, way: Way) -> Iterator[Rows]:
    return _blockwise(source, way, vectors.from_json_lines)


def _csv(source: Source, way: Way) -> Iterator[Rows]:
    return _blockwise(source, way, lambda block: vectors.from_csv(block, label_size=way.label_size))


def _blockwise(source: Source, way: Way, decode: Callable[[str], Rows]) -> Iterator[Rows]:
    with opened(source) as stream:
        for before, block in _blocks(stream):
            try:
                yield decode(text.decode(block, way.charset))
            except UserError as error:
                error.at = _later(error.at, before)
                raise


def _blocks(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines, each with the number of lines before it."""
    lines, rest = 0, stream.read(BLOCK_BYTES)
    if rest.startswith(WIDE):
        yield 0, rest + stream.read()
        return
    while piece := stream.read(BLOCK_BYTES):
        whole, end, rest = (rest + piece).rpartition(b"\n")
        if end:
            yield lines, whole + end
            lines += whole.count(b"\n") + 1
    if rest:
        yield lines, rest


def _later(at: str | None, lines: int) -> str | None:
    word, _, rest = (at or "").partition(" ")
    number, comma, more = rest.partition(",")
    return f"line {int(number) + lines}{comma}{more}" if word == "line" and number.isdecimal() else at


def _table(source: Source) -> "str | bytes":
    return bytes(content(source)) if source.packed else str(source.path)


def _looks_json(source: Source) -> bool:
    return vectors.from_json_document(json_text.decode(text.decode(bytes(content(source))))).size > 0


def _looks_lines(source: Source) -> bool:
    return vectors.from_json_lines(text.decode(source.head.lstrip().partition(b"\n")[0])).size > 0


def _looks_csv(source: Source) -> bool:
    """Numbers on the first line, or on the second beneath a header."""
    whole = source.head.rpartition(b"\n")[0] or source.head.rpartition(b",")[0] or source.head
    return any(map(_numbers, text.decode(whole).splitlines()[:2]))


def _numbers(line: str) -> bool:
    try:
        return vectors.from_csv(line).size > 0
    except UserError:
        return False


_READERS: Mapping[Format, Callable[[Source, Way], Iterator[Rows]]] = {
    "RecordIO-protobuf": _recordio,
    "npy": _npy,
    "Parquet": _parquet,
    "JSON": _json,
    "JSON Lines": _lines,
    "CSV": _csv,
}

_LOOKS: Mapping[Format, Callable[[Source], bool]] = {
    "RecordIO-protobuf": lambda _: True,
    "npy": lambda _: True,
    "Parquet": lambda source: vectors_parquet.numeric(_table(source)),
    "JSON": _looks_json,
    "JSON Lines": _looks_lines,
    "CSV": _looks_csv,
}
