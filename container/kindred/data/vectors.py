"""The story of vectors: a channel's folder, its files, rows of one width in shards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kindred.data import files
from kindred.data.vectors_digest import digest
from kindred.data.vectors_files import Rows, Way, looks_numeric, parts
from kindred.data.vectors_source import Source, told
from kindred.errors import UserError

SHARD_BYTES = 1 << 25
"""Smaller parts are joined to shards of at least this size."""

CHECKED_ROWS = 1 << 14
"""Rows that are checked at a time, so that a mapped file stays on its disk."""

LOOKED_AT = 3
"""Files whose beginning says whether a folder holds vectors."""


@dataclass(frozen=True, kw_only=True)
class Vectors:
    """Rows float32 (n_i, d) in shards, finite, in the order of files and lines; no shard is empty, none there are where
    the folder holds no rows.

    `fingerprint` is a digest that no order of rows changes; `notes` are what a person should know of the reading.
    """

    shards: tuple[NDArray[np.float32], ...]
    fingerprint: str
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
    columns of labels before the features. most_cells: the most numbers that the sparse rows of one file may spread to.
    largest: the absolute value beyond which no number is taken.
    """

    width: int | None = None
    width_from: str = "feature_dim says"
    charset: str | None = None
    label_size: int | None = None
    most_cells: int
    largest: float


def read(folder: Path, asked: Asked) -> Vectors:
    """Return the vectors in all files beneath `folder`, whatever their formats: RecordIO-protobuf, npy, Parquet, JSON,
    JSON Lines, CSV without a header, each plain or packed.

    A CSV whose rows have one number more than the width asked has a column of labels before them, as the built-in
    algorithms assume, unless `label_size` is given. Raises UserError, `at` the file and the place in it, for rows of
    another width, and for what is no finite number within the largest.
    """
    notes: list[str] = []
    shards = tuple(_joined(_checked(_sources(folder), asked, notes)))
    return Vectors(shards=shards, fingerprint=digest(shards), notes=tuple(notes))


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


def _checked(sources: Iterator[Source], asked: Asked, notes: list[str]) -> Iterator[Rows]:
    way = Way(charset=asked.charset, label_size=asked.label_size or 0, most_cells=asked.most_cells)
    width, width_from = asked.width, asked.width_from
    for source in sources:
        before = 0
        for part in parts(source, way):
            rows = _unlabelled(part, source, asked, notes)
            if width is None:
                width, width_from = rows.shape[1], f"{source.label} has"
            if rows.shape[1] != width:
                sentence = f"the rows have {rows.shape[1]} numbers; expected {width}, as {width_from}"
                raise UserError(sentence, at=source.label)
            for begin in range(0, len(rows), CHECKED_ROWS):
                _refuse_unusable(
                    rows[begin : begin + CHECKED_ROWS], asked.largest, at=source.label, before=before + begin
                )
            before += len(rows)
            yield rows


def _unlabelled(rows: Rows, source: Source, asked: Asked, notes: list[str]) -> Rows:
    if source.format != "CSV" or asked.label_size is not None or asked.width is None:
        return rows
    if rows.shape[1] != asked.width + 1:
        return rows
    note = (
        f"the CSV rows have {rows.shape[1]} numbers, one more than {asked.width_from}: the first is taken for a label "
        "as in the built-in algorithm; the content type text/csv;label_size=1 would say so"
    )
    if note not in notes:
        notes.append(note)
    return rows[:, 1:]


def _refuse_unusable(rows: Rows, largest: float, *, at: str, before: int) -> None:
    fine = np.abs(rows).max(axis=1) <= largest  # which is false of NaN as well, an absent number of Parquet
    if not fine.all():
        number = before + int(np.argmin(fine)) + 1
        raise UserError(f"the row lacks a number, or holds one beyond {largest:g}", at=f"{at}: row {number}")


def _joined(found: Iterator[Rows]) -> Iterator[Rows]:
    waiting: list[Rows] = []
    for rows in found:
        waiting.append(rows)
        if sum(each.nbytes for each in waiting) >= SHARD_BYTES:
            yield _one(waiting)
            waiting = []
    if waiting:
        yield _one(waiting)


def _one(waiting: Sequence[Rows]) -> Rows:
    return np.ascontiguousarray(waiting[0] if len(waiting) == 1 else np.concatenate(waiting), dtype=np.float32)
