"""Text with a separator as a table: CSV, TSV and MovieLens' headerless `::` files."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl

from kindred.data.columns import plain
from kindred.data.tables import BROKEN, ROW, Source, Table, nothing, reading
from kindred.errors import UserError

DAT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ratings.dat": ("UserID", "MovieID", "Rating", "Timestamp"),
    "movies.dat": ("MovieID", "Title", "Genres"),
}


def csv(source: Source, label: str) -> Table:
    """Return a table of a file whose first line names the columns, between commas or what else stands there.

    Raises UserError where it is UTF-16.
    """
    table = _separated(source, label, {"separator": ",", "quote_char": '"'})
    first = next(iter(table.schema), "")
    if first.startswith(_UTF16_MARK):
        raise UserError("the text is UTF-16, not UTF-8; save the file as UTF-8", at=label)
    separator = max(_OTHERS, key=first.count)
    if separator not in first or len(table.schema) > 1:
        return table
    found = _separated(source, label, {"separator": separator, "quote_char": '"'})
    return replace(found, decimal_comma=separator == ";")


def tsv(source: Source, label: str) -> Table:
    """Return a table of a tab-separated file whose first line names the columns.

    IMDb's files have no quotes, and `\\N` is null in them.
    """
    options = {"separator": "\t", "quote_char": None, "null_values": ["\\N"]}
    table = _separated(source, label, options)
    if not table.schema or plain(next(iter(table.schema))) in _IMDB_KEYS:
        return table
    return _separated(source, label, {"separator": "\t", "quote_char": '"'})


def dat(source: Source, label: str) -> Table:
    """Return a table of MovieLens' ratings.dat or movies.dat, whose titles are Latin-1 or UTF-8."""
    names = DAT_COLUMNS[Path(label).name.lower()]
    cells = pl.col("line").str.split("::")
    text = utf8(source) if "Title" in names else source  # titles alone hold letters beyond ASCII
    rows = pl.scan_lines(text, glob=False, row_index_name=ROW).select(
        ROW, *(cells.list.get(at, null_on_oob=True).alias(name) for at, name in enumerate(names)),
        (cells.list.len() > len(names)).alias(BROKEN),
    )  # fmt: skip
    schema = dict.fromkeys(names, pl.String())
    return Table(label=label, schema=schema, rows=rows, line_of=lambda row: row + 1, damage=partial(damage, source))


_OTHERS = (";", "\t", "|")
_UTF16_MARK = "\ufffd\ufffd"
"""Two bytes that are no UTF-8, as the reader shows them."""
_IMDB_KEYS = {"tconst", "titleid", "nconst"}


def _separated(source: Source, label: str, options: Mapping[str, Any]) -> Table:
    told = partial(damage, source)
    with reading(label, told):
        try:
            names = _scan(source, options).collect_schema().names()
        except pl.exceptions.NoDataError:
            return nothing(label)
    spare = next(name for name in (f"surplus{n}" for n in count()) if name not in names)
    # A declared column that the header lacks takes the first surplus cell: so we see rows that are too long.
    schema = dict.fromkeys([*names, spare], pl.String())
    rows = _scan(source, options, schema=schema, missing_columns="insert", extra_columns="ignore", row_index_name=ROW)
    rows = rows.with_columns(pl.col(spare).is_not_null().alias(BROKEN)).drop(spare)
    schema.pop(spare)
    return Table(label=label, schema=schema, rows=rows, line_of=partial(_line_of, source, rows), damage=told)


def _scan(source: Source, options: Mapping[str, Any], **more: Any) -> pl.LazyFrame:
    return pl.scan_csv(source, infer_schema=False, truncate_ragged_lines=True, glob=False, **options, **more)


def _line_of(source: Source, rows: pl.LazyFrame, row: int) -> int:
    """Lines before the row: blank ones at the top, the header, the rows, and the line ends inside quoted cells."""
    cells = pl.all().exclude(ROW, BROKEN)
    inside = rows.filter(pl.col(ROW) < row).select(
        pl.sum_horizontal(cells.str.count_matches("\n", literal=True).fill_null(0)).sum()
    )
    written = pl.scan_lines(source, glob=False, row_index_name=ROW).filter(pl.col("line").str.strip_chars() != "")
    header = int(written.select(ROW).head(1).collect(engine="streaming").item())
    return 2 + header + row + int(inside.collect(engine="streaming").item() or 0)


def damage(source: Source, complaint: str) -> str:
    """Say for a person why a file of text cannot be read, given the reader's complaint."""
    if "utf" in complaint.lower():
        return f"the text is not UTF-8{_first_foreign_line(source)}; save the file as UTF-8"
    if "malformed" in complaint.lower() or "could not parse" in complaint.lower():
        return 'the quotes do not pair; put a cell that holds a quote in quotes, and write the quote inside twice ("")'
    return f"the file cannot be read as text with columns: {complaint}"


def _first_foreign_line(source: Source) -> str:
    lines = pl.scan_csv(
        source, infer_schema=False, has_header=False, separator="\x1f", quote_char=None, encoding="utf8-lossy",
        truncate_ragged_lines=True, row_index_name=ROW, new_columns=["line"], glob=False,
    )  # fmt: skip
    foreign = lines.filter(pl.col("line").str.contains("\ufffd", literal=True)).select(ROW).head(1).collect()
    return f" (first on line {foreign.item() + 1})" if foreign.height else ""


def utf8(source: Source) -> Source:
    """Return a small file of Latin-1 or UTF-8 as UTF-8."""
    text = source.read_bytes() if isinstance(source, Path) else source
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode()
    return text
