"""A column as expressions: an id as text, a number, a moment, whatever type the file gave it."""

import polars as pl

from kindred.data.tables import Table
from kindred.errors import UserError

ID_BYTES = 1024
WHOLE = 2**53  # beyond it float64 skips whole numbers


def identity(table: Table, name: str) -> pl.Expr:
    """Return the column as ids: strings as they stand, whole numbers in decimal, null where empty.

    Raises UserError where the column is nested.
    """
    if table.schema[name].is_nested():
        sentence = f"the column '{name}' is nested ({table.schema[name]}); an id is one string or one whole number"
        raise UserError(sentence, at=table.label)
    value = text(name, table.schema[name])
    return pl.when(value != "").then(value)


def text(name: str, kind: pl.DataType) -> pl.Expr:
    """Return the column as strings, or as lists of strings where it holds lists."""
    return _text(pl.col(name), kind)


def number(name: str, kind: pl.DataType) -> pl.Expr:
    """Return the column as float64, null where it is no number."""
    column = pl.col(name)
    return column.cast(pl.Float64) if kind.is_numeric() or kind == pl.Boolean else _parsed(_text(column, kind))


def moment(name: str, kind: pl.DataType) -> pl.Expr:
    """Return the column as unix seconds, float64, null where it cannot be read.

    Numbers are seconds, milliseconds, microseconds or nanoseconds, told apart value by value by their size; text is
    ISO 8601, in UTC where it names no zone.
    """
    if isinstance(kind, pl.Date | pl.Datetime):
        return pl.col(name).dt.epoch("ms") / 1000
    if kind.is_numeric():
        return _scaled(pl.col(name).cast(pl.Float64))
    return text(name, kind).map_batches(_moments, return_dtype=pl.Float64, is_elementwise=True)


def _text(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    if isinstance(kind, pl.String):
        return column
    if isinstance(kind, pl.List | pl.Array):
        return column.cast(pl.List(pl.String))
    if kind.is_float():
        # A missing value makes pandas write whole numbers as floats: 7.0 is the id "7".
        whole = column.is_finite() & (column == column.round()) & (column.abs() < WHOLE)
        return pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String)).otherwise(
            column.fill_nan(None).cast(pl.String)
        )  # fmt: skip
    return column.cast(pl.String, strict=False)


def _parsed(column: pl.Expr) -> pl.Expr:
    return column.str.strip_chars().cast(pl.Float64, strict=False)


# Seconds reach the year 5138 before they look like milliseconds, which then start in 1973; and so on.
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))


def _scaled(value: pl.Expr) -> pl.Expr:
    return pl.coalesce([pl.when(value.abs() < limit).then(value / unit) for limit, unit in _UNITS])


def _moments(values: pl.Series) -> pl.Series:
    """Parse dates only in batches that hold any: it costs ten times the numbers."""
    frame = values.rename("raw").to_frame().with_columns(number=_parsed(pl.col("raw")))
    moments = frame.select(_scaled(pl.col("number"))).to_series()
    if moments.null_count() == values.null_count():
        return moments
    return moments.fill_null(frame.select(_iso(pl.col("raw"))).to_series())


def _iso(column: pl.Expr) -> pl.Expr:
    whole = (
        column.str.strip_chars()
        .str.replace(r"^(\d{4}-\d{2}-\d{2})$", "${1}T00:00:00")
        .str.replace(r"^(\S+) +(\d)", "${1}T${2}")
        .str.replace(r"T(\d{2}:\d{2})($|Z|[+-])", "T${1}:00${2}")
        .str.replace(r" ?(Z|z|UTC)$", "+00:00")
        .str.replace(r"(T[\d:.,]+)$", "${1}+00:00")
    )
    moments = whole.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", strict=False, time_unit="ms", time_zone="UTC")
    return moments.dt.epoch("ms") / 1000
