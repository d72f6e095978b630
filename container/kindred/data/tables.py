"""A file's rows as a value, read only when asked, with the place of every row in its file."""

import lzma
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kindred.errors import UserError

ROW = "__row__"
BROKEN = "__broken__"

Source = Path | bytes


@dataclass(frozen=True, kw_only=True)
class Table:
    """One file's rows, not read yet.

    `label` is what a person calls the file. `schema` gives the columns and types as the file has them. `rows` has those
    columns (CSV cells as strings, empty ones null), ROW (the row's index from 0) and BROKEN (bool: the row has more
    cells than the header, or is not JSON). `line_of` turns a row's index into its line in the file, from 1 (into the
    row's number for Parquet). `damage` says for a person why the file cannot be read, given the reader's complaint.
    `decimal_comma` says that numbers may be written 4,5, as where a spreadsheet puts semicolons between columns.
    """

    label: str
    schema: Mapping[str, pl.DataType]
    rows: pl.LazyFrame
    line_of: Callable[[int], int]
    damage: Callable[[str], str]
    decimal_comma: bool = False


def nothing(label: str) -> Table:
    """Return a table without columns and rows, such as an empty part of a larger set."""
    return Table(label=label, schema={}, rows=pl.LazyFrame(), line_of=lambda row: row, damage=str)


def collect(table: Table, rows: pl.LazyFrame) -> pl.DataFrame:
    """Read what `rows` asks of the table, streaming. Raises UserError where the file cannot be read to its end."""
    with reading(table.label, table.damage):
        return rows.collect(engine="streaming")


@contextmanager
def reading(label: str, damage: Callable[[str], str]) -> Iterator[None]:
    """Turn what Polars and the decompressors raise into a UserError that names the file."""
    try:
        yield
    except _COMPLAINTS as error:
        complaint = str(error).partition("\n")[0]
        told = [sentence for sign, sentence in _DAMAGED if sign in complaint.lower()]
        raise UserError(told[0] if told else damage(complaint), at=label) from error


# Polars panics on some damaged Parquet files instead of raising.
_COMPLAINTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, EOFError, ValueError, lzma.LZMAError)

_DAMAGED = (
    ("unexpected end", "the compressed file is cut short; upload it again"),
    ("ended before the end", "the compressed file is cut short; upload it again"),
    ("corrupt", "the compressed file is damaged; upload it again"),
    ("unwrap()", "the file is damaged; upload it again"),
)
