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
    """Return the column as float64, null where it is no number; 4,5 is one, and true and false are 1 and 0."""
    column = pl.col(name)
    if kind.is_numeric() or kind == pl.Boolean:
        return column.cast(pl.Float64)
    return _text(column, kind).map_batches(_numbers, return_dtype=pl.Float64, is_elementwise=True)


def decimal(column: pl.Expr) -> pl.Expr:
    """Return a column of text with a point for the decimal comma, where all its cells are numbers but for that."""
    numbers = column.str.contains(r"^\s*[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?\s*$").all()
    commas = numbers & column.str.contains(",", literal=True).any()
    pointed = column.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    return pl.when(commas).then(pointed).otherwise(column)


def moment(name: str, kind: pl.DataType) -> pl.Expr:
    """Return the column as unix seconds, float64, null where it cannot be read.

    Numbers are seconds, milliseconds, microseconds or nanoseconds, told apart value by value by their size; text is
    ISO 8601, in UTC where it names no zone, or near it: 2020/9/13, 13.9.2020 12:26, Sun Sep 13 12:26:40 +0000 2020.
    """
    if isinstance(kind, pl.Date | pl.Datetime):
        return pl.col(name).dt.epoch("ms") / 1000
    if kind.is_numeric():
        return _scaled(pl.col(name).cast(pl.Float64))
    return text(name, kind).map_batches(_moments, return_dtype=pl.Float64, is_elementwise=True)


def calendar(seconds: pl.Series) -> pl.Series | None:
    """Return moments that were read as unix seconds as what they are, where every one is a date such as 20210304."""
    days = seconds.cast(pl.Int64, strict=False)
    if not len(seconds) or not ((days == seconds) & days.is_between(19_000_101, 21_001_231)).all():
        return None
    dates = days.cast(pl.String).str.to_datetime("%Y%m%d", strict=False, time_unit="ms")
    return None if dates.null_count() else dates.dt.epoch("ms") / 1000


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


def _numbers(values: pl.Series) -> pl.Series:
    """Look at other ways to write a number only in batches that hold any."""
    frame = values.rename("raw").to_frame().with_columns(number=_parsed(pl.col("raw")))
    numbers = frame["number"]
    if numbers.null_count() == values.null_count():
        return numbers
    return numbers.fill_null(frame.select(_oddly_written(pl.col("raw"))).to_series())


def _oddly_written(column: pl.Expr) -> pl.Expr:
    """1,250 may be a thousand and more, or little more than 1: it is neither."""
    bare = column.str.strip_chars().str.to_lowercase()
    comma = bare.str.extract(r"^([+-]?\d+,(?:\d{1,2}|\d{4,}))$").str.replace(",", ".", literal=True)
    truth = bare.replace_strict({"true": 1.0, "false": 0.0}, default=None, return_dtype=pl.Float64)
    return pl.coalesce(comma.cast(pl.Float64, strict=False), truth)


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
    moments = moments.fill_null(frame.select(_iso(pl.col("raw"))).to_series())
    if moments.null_count() == values.null_count():
        return moments
    return moments.fill_null(frame.select(_iso(_like_iso(pl.col("raw")))).to_series())


_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {f"-{name}-": f"-{number:02}-" for number, name in enumerate(_NAMES, 1)}


def _like_iso(column: pl.Expr) -> pl.Expr:
    """3/4/2021 is March here and April there: it stays as it is, and is no moment."""
    return (
        column.str.strip_chars()
        .str.replace(r"^\w{3} (\w{3}) (\d{2}) ([\d:]{8}) ([+-]\d{4}) (\d{4})$", "${5}-${1}-${2}T${3}${4}")
        .str.replace_many(_MONTHS)
        .str.replace(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})($|[ T])", "${1}-${2}-${3}${4}")
        .str.replace(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})($|[ T])", "${3}-${2}-${1}${4}")
        .str.replace(r"^(\d{4})-(\d)-", "${1}-0${2}-")
        .str.replace(r"^(\d{4}-\d{2})-(\d)($|[ T])", "${1}-0${2}${3}")
        .str.replace(r"([ T])(\d:)", "${1}0${2}")
    )


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
