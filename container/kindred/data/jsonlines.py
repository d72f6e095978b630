"""JSON Lines as a table: one object a line, read with every scalar as text."""

import json
from dataclasses import replace
from functools import partial
from glob import escape
from pathlib import Path

import polars as pl

from kindred.data.tables import BROKEN, ROW, Source, Table, nothing, reading
from kindred.errors import UserError


def jsonl(source: Source, label: str) -> Table:
    """Return a table of a file with one JSON object a line; the file is read once to learn every key.

    A file that is one array of objects, as other tools write JSON, is such a table too; the place of a row is its
    number then. Lines that are no JSON object are kept as BROKEN rows. Raises UserError where the file is no text.
    """
    with reading(label, _damage):
        if objects := _array(source):
            return replace(jsonl(objects, label), line_of=lambda row: row + 1)
        if _lines(source).filter(~_LIKE_AN_OBJECT).head(1).collect(engine="streaming").height:
            return _lenient(source, label)
        try:
            schema = _scan(source).collect_schema()
        except pl.exceptions.PolarsError:
            return _lenient(source, label)
    rows = _text(source, schema).with_columns(pl.lit(value=False).alias(BROKEN))
    return _table(source, label, schema, rows)


def _array(source: Source) -> bytes:
    """The objects of one array, a line each; nothing where the file is none. It is held in memory."""
    if not _lines(source).head(1).filter(pl.col("line").str.strip_chars_start().str.starts_with("[")).collect().height:
        return b""
    try:
        found = json.loads("\n".join(_lines(source).collect()["line"]))
    except (ValueError, RecursionError):
        return b""
    return "\n".join(map(json.dumps, found)).encode() if all(isinstance(one, dict) for one in found) else b""


def _lenient(source: Source, label: str) -> Table:
    """Part the lines that are objects from those that are not; the file is held in memory, as it is damaged anyway."""
    lines = _lines(source).collect()
    # The root of what is no JSON is null; lists and bare values have one.
    whole = _LIKE_AN_OBJECT & pl.col("line").str.json_path_match("$").is_not_null()
    good, bad = lines.filter(whole), lines.filter(~whole)
    broken = bad.lazy().select(ROW, pl.lit(value=True).alias(BROKEN))
    if not lines.height:
        return nothing(label)
    if not good.height:
        raise UserError('not JSON Lines: write one object a line, such as {"item_id": "7"}', at=f"{label}:1")
    objects = "\n".join(good["line"]).encode()
    schema = _scan(objects).collect_schema()
    rows = _text(objects, schema).drop(ROW).collect()
    sound = rows.lazy().with_columns(good[ROW], pl.lit(value=False).alias(BROKEN))
    return _table(source, label, schema, pl.concat([sound, broken], how="diagonal").sort(ROW))


_LIKE_AN_OBJECT = pl.col("line").str.strip_chars_start().str.starts_with("{")


def _table(source: Source, label: str, schema: pl.Schema, rows: pl.LazyFrame) -> Table:
    kinds = {name: kind if isinstance(kind, pl.Struct) else _as_text(kind) for name, kind in schema.items()}
    return Table(label=label, schema=kinds, rows=rows, line_of=partial(_line_of, source), damage=_damage)


def _scan(source: Source) -> pl.LazyFrame:
    return pl.scan_ndjson(_plain(source), infer_schema_length=None)


def _text(source: Source, schema: pl.Schema) -> pl.LazyFrame:
    texts = {name: _as_text(kind) for name, kind in schema.items()}
    return pl.scan_ndjson(_plain(source), schema=texts, row_index_name=ROW)


def _as_text(kind: pl.DataType) -> pl.DataType:
    return pl.List(pl.String) if isinstance(kind, pl.List) and not kind.inner.is_nested() else pl.String()


def _lines(source: Source) -> pl.LazyFrame:
    """The lines that are not blank, each under the index that the JSON reader gives it, and its line number."""
    lines = pl.scan_lines(source, glob=False, row_index_name="number")
    return lines.filter(pl.col("line").str.strip_chars() != "").with_row_index(ROW)


def _line_of(source: Source, row: int) -> int:
    return int(_lines(source).filter(pl.col(ROW) == row).select("number").collect().item()) + 1


def _plain(source: Source) -> Source:
    """A path whose wildcards stand for themselves; this reader has no option for it."""
    return Path(escape(str(source))) if isinstance(source, Path) else source


def _damage(complaint: str) -> str:
    if "utf" in complaint.lower():
        return "the text is not UTF-8; save the file as UTF-8"
    return f"the file cannot be read as JSON Lines, one object a line: {complaint}"
