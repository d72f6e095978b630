"""The story of vectors: a channel's folder or pipe, its files or objects, rows of one width in shards."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import recordio, recordio_objects
from kindred.data import files
from kindred.data.streams import peeked
from kindred.data.vectors_digest import added, closed
from kindred.data.vectors_files import Rows, Way, least_width, looks_numeric, parts
from kindred.data.vectors_source import Format, Source, flowing, reading, told
from kindred.data.vectors_spool import kept
from kindred.errors import UserError

CHECKED_ROWS = 1 << 14
"""Rows that are checked at a time, so that a mapped file stays on its disk."""

LOOKED_AT = 3
"""Files whose beginning says whether a folder holds vectors."""

HELD_SHARE = 4
"""A channel's rows may fill a quarter of the memory: two channels leave half of it to k-means and its threads."""

BOUNDLESS = (
    "in Pipe mode nothing parts the objects of a channel: end each with a line end, or set RecordWrapperType to "
    "RecordIO"
)


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """Rows float32 (n_i, d) in shards, finite, in the order of files and lines; no shard is empty, none there are where
    the folder holds no rows.

    `fingerprint` is a digest that no order of rows changes, and `total` what it closes, so that those of several hosts
    can be summed; `notes` are what a person should know of the reading.
    """

    shards: tuple[NDArray[np.float32], ...]
    fingerprint: str
    total: int
    notes: tuple[str, ...]

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(len(shard) for shard in self.shards)

    @property
    def width(self) -> int:
        """The numbers of a row, d; 0 where there are no rows."""
        return self.shards[0].shape[1] if self.shards else 0


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is known of the rows beforehand, None where nothing is.

    width: the numbers of a row; width_from: who says so, as in "feature_dim says". charset: of text. label_size: the
    columns of labels before the features. largest: the absolute value beyond which no number is taken. memory_bytes:
    what the process may fill; rows that exceed their share of it go to a scratch file.
    """

    width: int | None = None
    width_from: str = "feature_dim says"
    charset: str | None = None
    label_size: int | None = None
    largest: float
    memory_bytes: int


def read(folder: Path, asked: Asked) -> Vectors:
    """Return the vectors in all files beneath `folder`, whatever their formats: RecordIO-protobuf, npy, Parquet, JSON,
    JSON Lines, LIBSVM, CSV without a header, each plain or packed.

    A CSV whose rows have one number more than the width asked has a column of labels before them, as the built-in
    algorithms assume, unless `label_size` is given. Raises UserError, `at` the file and the place in it, for rows of
    another width, and for what is no finite number within the largest.
    """
    return _kept(_sources(folder), asked, least=lambda: max(map(least_width, _sources(folder))))


def pour(stream: IO[bytes], asked: Asked, *, label: str, wrapped: bool) -> Vectors:
    """Return the vectors of a stream that comes but once, as `read` does of files; `label` is what a person calls it.

    Where it is `wrapped`, every record of RecordIO in it is such a file; else it is one, of files without a boundary.
    """
    with stream:
        head, whole = peeked(stream, 3 * recordio.HEADER_BYTES)
        if wrapped and not _is_data(head):
            return _kept(_objects(whole, label), asked)
        try:
            return _kept(iter([flowing(whole, label=label)]), asked, glued=True)
        except UserError as error:
            if not (error.at or "").startswith("/"):
                error.sentence += f" ({BOUNDLESS})"
            raise


def recognises(folder: Path) -> bool:
    """Tell by the beginning of its first files whether a folder holds vectors; a header before them does not matter."""
    return any(map(_recognised, files.paths(folder)[:LOOKED_AT]))


def _recognised(path: Path) -> bool:
    try:
        return looks_numeric(told(path, label=path.name))
    except UserError:
        return False


def _sources(folder: Path) -> Iterator[Source]:
    for path in files.paths(folder):
        yield told(path, label=path.relative_to(folder).as_posix())


def _objects(stream: IO[bytes], label: str) -> Iterator[Source]:
    with reading(label):
        for number, each in enumerate(recordio_objects.objects(stream), 1):
            yield flowing(each, label=f"{label}, object {number}")


def _is_data(head: bytes) -> bool:
    """Whether a stream that is said to be wrapped is RecordIO-protobuf itself: its first record is a vector."""
    return head.startswith(recordio.MAGIC) and b"\n\x06values" in head


def _kept(
    sources: Iterator[Source], asked: Asked, *, least: Callable[[], int] | None = None, glued: bool = False
) -> Vectors:
    told = _Told(width=asked.width, width_from=asked.width_from)
    found = kept(_checked(sources, asked, told, least=least), held_bytes=asked.memory_bytes // HELD_SHARE)
    if found.scratch_bytes:
        told.note(
            f"{found.scratch_bytes:,} bytes of rows lie in a scratch file: a channel holds up to "
            f"{asked.memory_bytes // HELD_SHARE:,} bytes in memory"
        )
    if glued and (told.formats & {"LIBSVM"} or (told.formats & {"CSV"} and told.width == 1)):
        told.note(f"nothing would tell of two rows that have become one: {BOUNDLESS}")
    count = sum(map(len, found.shards))
    fingerprint = closed(count, told.width or 0 if count else 0, total=told.total)
    return Vectors(shards=found.shards, fingerprint=fingerprint, total=told.total, notes=tuple(told.notes))


@dataclass(kw_only=True)
class _Told:
    """What is learnt while rows go by: their width and who said so first, the sum of their hashes, notes."""

    width: int | None
    width_from: str
    total: int = 0
    notes: list[str] = field(default_factory=list)
    formats: set[Format] = field(default_factory=set)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def _checked(
    sources: Iterator[Source], asked: Asked, told: _Told, *, least: Callable[[], int] | None
) -> Iterator[Rows]:
    for source in sources:
        told.formats.add(source.format)
        if source.format == "LIBSVM" and told.width is None and least:
            told.width, told.width_from = least(), "the greatest index says"
        before = 0
        for part in parts(source, _way(asked, told)):
            rows = _unlabelled(part, source, asked, told)
            if told.width is None:
                told.width, told.width_from = rows.shape[1], f"{source.label} has"
            if rows.shape[1] != told.width:
                sentence = f"the rows have {rows.shape[1]} numbers; expected {told.width}, as {told.width_from}"
                raise UserError(sentence, at=source.label)
            for begin in range(0, len(rows), CHECKED_ROWS):
                few = rows[begin : begin + CHECKED_ROWS]
                _refuse_unusable(few, asked.largest, at=source.label, before=before + begin)
                told.total = (told.total + added(few)) % 2**64
            before += len(rows)
            yield rows


def _way(asked: Asked, told: _Told) -> Way:
    return Way(
        charset=asked.charset, label_size=asked.label_size or 0, width=told.width, memory_bytes=asked.memory_bytes
    )


def _unlabelled(rows: Rows, source: Source, asked: Asked, told: _Told) -> Rows:
    if source.format != "CSV" or asked.label_size is not None or asked.width is None:
        return rows
    if rows.shape[1] != asked.width + 1:
        return rows
    told.note(
        f"the CSV rows have {rows.shape[1]} numbers, one more than {asked.width_from}: the first is taken for a label "
        "as in the built-in algorithm; the content type text/csv;label_size=1 would say so"
    )
    return rows[:, 1:]


def _refuse_unusable(rows: Rows, largest: float, *, at: str, before: int) -> None:
    fine = np.abs(rows).max(axis=1) <= largest  # which is false of NaN as well, an absent number of Parquet
    if not fine.all():
        number = before + int(np.argmin(fine)) + 1
        raise UserError(f"the row lacks a number, or holds one beyond {largest:g}", at=f"{at}: row {number}")
