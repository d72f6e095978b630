"""Tables of interactions as one frame of events."""

from collections.abc import Sequence

import polars as pl

from kindred.data import cells, columns
from kindred.data.defects import DEFECT, Finding, first_of, sift
from kindred.data.tables import BROKEN, ROW, Table, collect
from kindred.errors import UserError

_OVERLONG = f"longer than {cells.ID_BYTES:,} bytes"

DEFECTS = {
    "the row has more cells than the header, or is no JSON object": pl.col(BROKEN),
    "the user_id is missing": pl.col("user_id").is_null(),
    "the item_id is missing": pl.col("item_id").is_null(),
    f"the user_id is {_OVERLONG}": pl.col("user_id").str.len_bytes() > cells.ID_BYTES,
    f"the item_id is {_OVERLONG}": pl.col("item_id").str.len_bytes() > cells.ID_BYTES,
    "the rating is not a finite number": ~pl.col("rating").cast(pl.Float32).is_finite().fill_null(value=False),
    "the timestamp is neither unix seconds, nor milliseconds, nor an ISO 8601 date": pl.col("timestamp").is_null(),
}

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
    return pl.concat(parts, how="diagonal") if parts else NOTHING, findings


def _agree(tables: Sequence[Table], field: str) -> None:
    having = [field in columns.find(table.schema, columns.INTERACTIONS) for table in tables]
    if any(having) and not all(having):
        without, given = tables[having.index(False)].label, tables[having.index(True)].label
        raise UserError(f"there is no {field} column, but '{given}' has one; give all files one, or none", at=without)


def _events(table: Table) -> tuple[pl.DataFrame, list[Finding]]:
    found = columns.find(table.schema, columns.INTERACTIONS)
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


def _fields(table: Table, found: dict[str, str]) -> dict[str, pl.Expr]:
    fields = {field: cells.identity(table, found[field]) for field in ("user_id", "item_id")}
    if "rating" in found:
        fields["rating"] = cells.number(found["rating"], table.schema[found["rating"]])
    if "timestamp" in found:
        fields["timestamp"] = cells.moment(found["timestamp"], table.schema[found["timestamp"]])
    if "event_type" in found:
        fields["event_type"] = cells.identity(table, found["event_type"]).cast(pl.Categorical)
    return fields
