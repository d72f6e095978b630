"""A channel's folder as files: which are read, and as what."""

import bz2
import lzma
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from kindred.data import movielens_100k
from kindred.data.delimited import DAT_COLUMNS, csv, dat, tsv
from kindred.data.jsonlines import jsonl
from kindred.data.parquet import parquet
from kindred.data.tables import Source, Table, reading


def paths(folder: Path) -> tuple[Path, ...]:
    """Return the files beneath `folder` that hold something, by name; marker and dot files and folders are skipped."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not _hidden(path.relative_to(folder)))
    return tuple(path for path in found if path.stat().st_size)


def is_table(path: Path) -> bool:
    """Tell by its name whether a file is one that `scan` reads."""
    ending = _ending(path)
    return ending in _SCANS and (ending not in _NAMED or path.name.lower() in _NAMED[ending])


def scan(path: Path, *, label: str) -> Table:
    """Open a file that `is_table`. Raises UserError, naming the file, where it is damaged or not what its name says."""
    return _SCANS[_ending(path)](_unpacked(path, label), label)


def _hidden(relative: Path) -> bool:
    return any(part.startswith((".", "_")) for part in relative.parts)


def _ending(path: Path) -> str:
    bare = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    return bare.suffix.lower()


def _unpacked(path: Path, label: str) -> Source:
    unpack = _PACKED.get(path.suffix.lower())
    if not unpack:
        return path
    with reading(label, "the file cannot be unpacked: {}".format):
        return unpack(path.read_bytes())


# Polars unpacks .gz and .zst while it reads; the others are unpacked in memory first.
_PACKED: Mapping[str, Callable[[bytes], bytes] | None] = {
    ".gz": None,
    ".zst": None,
    ".bz2": bz2.decompress,
    ".xz": lzma.decompress,
}

_NAMED: Mapping[str, Collection[str]] = {
    ".dat": DAT_COLUMNS,
    ".data": movielens_100k.NAMES,
    ".item": movielens_100k.NAMES,
}
"""Files without a header are known by their whole name."""

_SCANS: Mapping[str, Callable[[Source, str], Table]] = {
    ".csv": csv,
    ".tsv": tsv,
    ".tab": tsv,
    ".dat": dat,
    ".data": movielens_100k.ratings,
    ".item": movielens_100k.films,
    ".jsonl": jsonl,
    ".ndjson": jsonl,
    ".json": jsonl,
    ".parquet": parquet,
    ".pq": parquet,
}
