"""A file or an object of vectors becomes rows, part by part; and whether it is one at all."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import dense, json_text, libsvm, npy, records_stream, text, vectors
from kindred.data import vectors_parquet, vectors_text
from kindred.data.mapped import mapped
from kindred.data.vectors_source import Format, Source, content, reading, settled
from kindred.errors import UserError

Rows = NDArray[np.float32]

PART_BYTES = 1 << 25
"""Rows that are held at a time: of an array while they become float32, of Parquet, of sparse lines."""

WEIGHT = 16
"""Bytes of memory that a byte of a JSON document takes while it is read, at most: a number is an object then."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How files are read.

    charset: of text. label_size: the columns of labels before the features, where the format has columns. width: the
    numbers of a row, where the format does not say. memory_bytes: what a document that is read whole may take.
    """

    charset: str | None
    label_size: int
    width: int | None
    memory_bytes: int


def parts(source: Source, way: Way) -> Iterator[Rows]:
    """Yield the rows of the file, float32 (n, d), finite, as they are asked for; what stays on its disk, as Mapped.

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


def least_width(source: Source) -> int:
    """Return the numbers that the widest row of a LIBSVM file needs; 0 for other formats, whose rows tell theirs."""
    if source.format != "LIBSVM":
        return 0
    with reading(source.label), source.open() as stream:
        return max((libsvm.width(str(block, "latin-1")) for _, block in vectors_text.blocks(stream)), default=0)


def _recordio(source: Source, _: Way) -> Iterator[Rows]:
    with source.open() as stream:
        yield from records_stream.parts(stream)


def _npy(source: Source, _: Way) -> Iterator[Rows]:
    file = content(source)
    array = np.atleast_2d(npy.decode(memoryview(file)))
    rows = array if isinstance(file, bytes) else mapped(array, file, begin=len(file) - array.nbytes)
    step = max(1, PART_BYTES // max(array[:1].nbytes, 1))
    stays = array.dtype == np.dtype("<f4") and array.flags.c_contiguous
    for begin in range(0, len(rows), step):
        part = np.ascontiguousarray(dense.narrow(rows[begin : begin + step]))
        bad = dense.unbounded(part)
        if bad is not None:
            raise UserError("the row holds a number that is not finite as float32", at=f"[{begin + bad}]")
        if not stays:
            yield part
    if stays:
        yield rows


def _parquet(source: Source, way: Way) -> Iterator[Rows]:
    with settled(source) as path:
        yield from vectors_parquet.parts(path, label=source.label, label_size=way.label_size, part_bytes=PART_BYTES)


def _json(source: Source, way: Way) -> Iterator[Rows]:
    most = way.memory_bytes // WEIGHT
    with source.open() as stream:
        document = stream.read(most + 1)
    if len(document) > most:
        raise UserError(f"a JSON document of more than {most:,} bytes does not fit into memory; write JSON Lines")
    yield vectors.from_json_document(json_text.decode(text.decode(document, way.charset)))


def _lines(source: Source, way: Way) -> Iterator[Rows]:
    return _text(source, way, lambda block: vectors.parts_of_json_lines(block, part_bytes=PART_BYTES))


def _csv(source: Source, way: Way) -> Iterator[Rows]:
    return _text(source, way, lambda block: iter([vectors.from_csv(block, label_size=way.label_size)]))


def _libsvm(source: Source, way: Way) -> Iterator[Rows]:
    if way.width is None:
        raise UserError("rows of LIBSVM do not say how long they are; give feature_dim")
    width = way.width
    return _text(source, way, lambda block: libsvm.parts(block, width=width, part_bytes=PART_BYTES))


def _text(source: Source, way: Way, decode: vectors_text.Decode) -> Iterator[Rows]:
    with source.open() as stream:
        yield from vectors_text.rows(stream, decode, head=source.head, charset=way.charset)


def _looks_json(source: Source) -> bool:
    with source.open() as stream:
        return vectors.from_json_document(json_text.decode(text.decode(stream.read()))).size > 0


def _looks_lines(source: Source) -> bool:
    return vectors.from_json_lines(text.decode(source.head.lstrip().partition(b"\n")[0])).size > 0


def _looks_csv(source: Source) -> bool:
    """Numbers on the first line, or on the second beneath a header."""
    whole = source.head.rpartition(b"\n")[0] or source.head.rpartition(b",")[0] or source.head
    return any(map(_numbers, text.decode(whole).splitlines()[:2]))


def _looks_parquet(source: Source) -> bool:
    with settled(source) as path:
        return vectors_parquet.numeric(path)


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
    "LIBSVM": _libsvm,
    "CSV": _csv,
}

_LOOKS: Mapping[Format, Callable[[Source], bool]] = {
    "RecordIO-protobuf": lambda _: True,
    "npy": lambda _: True,
    "Parquet": _looks_parquet,
    "JSON": _looks_json,
    "JSON Lines": _looks_lines,
    "LIBSVM": lambda _: True,
    "CSV": _looks_csv,
}
