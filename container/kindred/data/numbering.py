"""Numbers for ids: the same for the same data, whatever the order of rows and files, and the spelling of most ids."""

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray


def items(events: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """Return every item of the events and the metadata, in number order.

    Columns: item_id, described (bool), code (the category's, null where no event names the item). By most interactions,
    then latest in sum, described ones first, title, year, id. `described` has item_id, and title and year or not.
    """
    told = described.select("item_id", pl.lit(value=True).alias("described"), *_known(described, ("title", "year")))
    every = _tally(events, "item_id").join(told, on="item_id", how="full", coalesce=True)
    every = every.with_columns(pl.col("events", "moments").fill_null(0), pl.col("described").fill_null(value=False))
    by = ["events", "moments", "described", *_known(described, ("title", "year")), "item_id"]
    return every.sort(by, descending=[name in _MOST_FIRST for name in by], nulls_last=True).select(
        "item_id", "described", "code"
    )


def users(events: pl.DataFrame) -> pl.DataFrame:
    """Return every user in number order, as user_id and code: by most interactions, then latest in sum, then id."""
    by = ["events", "moments", "user_id"]
    return _tally(events, "user_id").sort(by, descending=[True, True, False]).select("user_id", "code")


def numbers(events: pl.DataFrame, ordered: pl.DataFrame, *, of: Literal["user_id", "item_id"]) -> NDArray[np.int32]:
    """Return the number of each event's user or item, int32 (rows,); `ordered` is what `users` or `items` returns."""
    codes = ordered["code"].fill_null(0).to_numpy()
    known = np.flatnonzero(ordered["code"].is_not_null().to_numpy())
    by_code = np.zeros(codes.max(initial=0) + 1, dtype=np.int32)
    by_code[codes[known]] = known
    numbered: NDArray[np.int32] = by_code[events[of].to_physical().to_numpy()]
    return numbered


_MOST_FIRST = ("events", "moments", "described")


def _known(frame: pl.DataFrame, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in frame.columns]


def _tally(events: pl.DataFrame, field: str) -> pl.DataFrame:
    """Each id with its code, how many events it has, and the sum of their whole seconds since the first of all."""
    codes = events[field].to_physical().to_numpy()
    events_of = np.bincount(codes)
    found = np.flatnonzero(events_of)
    moments = np.bincount(codes, weights=_seconds(events))[found]
    unique = pl.col(field).unique()
    ids = events.select(unique).select(code=pl.col(field).to_physical(), id=pl.col(field).cast(pl.String))
    tally = pl.DataFrame({"code": found.astype(np.uint32), "events": events_of[found], "moments": moments})
    return ids.join(tally, on="code").rename({"id": field})


def _seconds(events: pl.DataFrame) -> NDArray[np.float64]:
    """Whole seconds from the start keep a float64 sum exact, so it cannot depend on the order of rows."""
    if "timestamp" not in events.columns or not events.height:
        return np.zeros(events.height)
    timestamps = events["timestamp"].to_numpy()
    return np.asarray(np.floor(timestamps - timestamps.min()))
