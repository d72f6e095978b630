"""Tables of interactions as one frame of events."""

from collections.abc import Sequence

import polars as pl

from kindred.data import cells, columns
from kindred.data.defects import DEFECT, Finding, first_of, sift
from kindred.data.tables import BROKEN, ROW, Table, collect
from kindred.errors import UserError

_OVERLONG = f"longer than {cells.ID_BYTES:,} bytes"
_DATE = "a date such as 2021-03-04 10:11"

DEFECTS = {
    "the row has more cells than the header, or is no JSON object": pl.col(BROKEN),
    "the user_id is missing": pl.col("user_id").is_null(),
    "the item_id is missing": pl.col("item_id").is_null(),
    f"the user_id is {_OVERLONG}": pl.col("user_id").str.len_bytes() > cells.ID_BYTES,
    f"the item_id is {_OVERLONG}": pl.col("item_id").str.len_bytes() > cells.ID_BYTES,
    "the rating is not a finite number": ~pl.col("rating").cast(pl.Float32).is_finite().fill_null(value=False),
    f"the timestamp is neither unix seconds, nor milliseconds, nor {_DATE}": pl.col("timestamp").is_null(),
}

MOST_NAMED = 8
"""Columns in one sentence."""

NOTHING = pl.DataFrame(schema={"user_id": pl.Categorical, "item_id": pl.Categorical})


def gather(tables: Sequence[Table]) -> tuple[pl.DataFrame, list[Finding]]:
    """Return the events of all tables, in the order of tables and rows, with the bad rows left out.

    Columns: user_id, item_id (Categorical), and, where the tables have them, rating (float32), timestamp (float64, unix
    seconds) and event_type (Categorical). Raises UserError where a table has too many bad rows, where an id is nested,
    or where some tables have ratings or timestamps and others have none.
    """
    for field in ("rating", "timestamp"):
        _agree(tables, field)
    parts, findings = [], []
    for table in tables:
        events, found = _events(table)
        parts.append(events)
        findings += found
    return _dated(pl.concat(parts, how="diagonal")) if parts else NOTHING, findings


def _dated(events: pl.DataFrame) -> pl.DataFrame:
    dates = cells.calendar(events["timestamp"]) if "timestamp" in events.columns else None
    return events if dates is None else events.with_columns(timestamp=dates)


def remarks(tables: Sequence[Table]) -> list[str]:
    """Return sentences on what a person may have meant otherwise: counts, and columns that were not read.

    Of those it is spoken where there is no rating or no timestamp. Tables with the same columns share a sentence.
    """
    alike = {tuple(table.schema): table for table in reversed(tables)}
    return [sentence for table in reversed(alike.values()) for sentence in (*_counting(table), *_unread(table))]


def _counting(table: Table) -> list[str]:
    name = _found(table).get("rating", "")
    if columns.plain(name) not in columns.INTERACTIONS["count"]:
        return []
    return [f"{table.label}: '{name}' is read as a count: more than 0 is positive, however much it is"]


def _unread(table: Table) -> list[str]:
    found = _found(table)
    left = [f"'{name}'" for name in table.schema if name not in found.values()]
    lacks = [field for field in ("rating", "timestamp") if field not in found]
    if not left or not lacks:
        return []
    shown = ", ".join(left[:MOST_NAMED]) + (", …" if len(left) > MOST_NAMED else "")
    return [f"{table.label} has no {' and no '.join(lacks)}; not read: {shown} (rename the column that should be read)"]


def _found(table: Table) -> dict[str, str]:
    """The columns of the fields; a count is what stands for a rating where there is none."""
    found = columns.find(table.schema, columns.INTERACTIONS)
    if "rating" in found or "count" not in found:
        return {field: name for field, name in found.items() if field != "count"}
    return {**{field: name for field, name in found.items() if field != "count"}, "rating": found["count"]}


def _agree(tables: Sequence[Table], field: str) -> None:
    having = [field in _found(table) for table in tables]
    if any(having) and not all(having):
        without, given = tables[having.index(False)].label, tables[having.index(True)].label
        raise UserError(f"there is no {field} column, but '{given}' has one; give all files one, or none", at=without)


def _events(table: Table) -> tuple[pl.DataFrame, list[Finding]]:
    found = _found(table)
    defects = {defect: bad for defect, bad in DEFECTS.items() if {*bad.meta.root_names()} <= {*found, BROKEN}}
    sound = pl.col(DEFECT).is_null()
    rows = (
        table.rows.select(ROW, BROKEN, **_fields(table, found))
        .with_columns(first_of(defects))
        # A bad id never becomes a category: it could be a million characters long.
        .with_columns(pl.when(sound).then(pl.col("user_id", "item_id")).cast(pl.Categorical))
        .drop(BROKEN)
    )
    events, findings = sift(table, collect(table, rows), defects=tuple(defects))
    return events.with_columns(pl.col("^rating$").cast(pl.Float32)), findings


def _rating(table: Table, name: str, *, counts: bool) -> pl.Expr:
    """Of a count it is told whether there is any: how many is no grade."""
    number = cells.number(name, table.schema[name])
    return (number > 0).cast(pl.Float64) if counts else number


def _fields(table: Table, found: dict[str, str]) -> dict[str, pl.Expr]:
    fields = {field: cells.identity(table, found[field]) for field in ("user_id", "item_id")}
    if "rating" in found:
        fields["rating"] = _rating(table, found["rating"], counts=bool(_counting(table)))
    if "timestamp" in found:
        fields["timestamp"] = cells.moment(found["timestamp"], table.schema[found["timestamp"]])
    if "event_type" in found:
        fields["event_type"] = cells.identity(table, found["event_type"]).cast(pl.Categorical)
    return fields
