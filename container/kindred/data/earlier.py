"""What an earlier model knows as frames, to be read beside what is new."""

from itertools import pairwise

import numpy as np
import polars as pl

from kindred.data.values import Column, Known

SETTLED = "settled"
"""The events' column that holds 1 for liked, 0 for not liked, and nothing where the rating is to say so."""


def events(known: Known, fresh: pl.DataFrame) -> pl.DataFrame:
    """Return the events of `known` before those of `fresh`, in order of time within a user.

    Where the fresh ones have timestamps, an earlier user's last event gets the second before the first of all fresh
    ones, the one before it the second before that: a model does not keep when things happened, only in which order.
    """
    users = np.repeat(np.arange(len(known.user_ids)), np.diff(known.starts))
    old = pl.DataFrame(
        {
            "user_id": pl.Series(known.user_ids, dtype=pl.String).gather(users),
            "item_id": pl.Series(known.ids, dtype=pl.String).gather(known.items),
            SETTLED: known.liked.astype(np.int8),
        }
    ).with_columns(pl.col("user_id", "item_id").cast(pl.Categorical))
    if "timestamp" in fresh.columns and fresh.height:
        first = float(np.floor(fresh["timestamp"].min()))  # type: ignore[arg-type]
        before = known.starts[1:][users] - np.arange(len(users))
        old = old.with_columns(pl.Series("timestamp", first - before, dtype=pl.Float64))
    return pl.concat([old, fresh], how="diagonal") if fresh.height else old


def items(known: Known) -> pl.DataFrame:
    """Return the catalogue of `known`, a row for each item of which it says anything: text, or lists of text."""
    titles = pl.Series("title", [title or None for title in known.titles], dtype=pl.String)
    cells = {name: _cells(column) for name, column in known.columns.items()}
    frame = pl.DataFrame({"item_id": pl.Series(known.ids, dtype=pl.String), "title": titles, **cells})
    said = [name for name in frame.columns if name != "item_id"]
    return frame.filter(pl.any_horizontal(pl.col(said).is_not_null()))


def _cells(column: Column) -> pl.Series:
    if column.numbers is not None:
        return pl.Series([_number(number) for number in column.numbers.tolist()], dtype=pl.String)
    assert column.codes is not None
    assert column.offsets is not None
    words = [column.values[code] for code in column.codes.tolist()]
    bounds = column.offsets.tolist()
    lists = [words[start:end] or None for start, end in pairwise(bounds)]
    return pl.Series(lists, dtype=pl.List(pl.String))


def _number(number: float) -> str | None:
    """As a person writes it: whole numbers without a point, so that a year is a year."""
    if np.isnan(number):
        return None
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
