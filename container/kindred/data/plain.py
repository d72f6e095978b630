"""Plain tables that any tool opens: columns in, one CSV or Parquet file out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl
from numpy.typing import NDArray

BETWEEN = "|"
"""What stands between several values of one CSV cell."""

Values = Sequence[Any] | NDArray[Any]


def write(folder: Path, name: str, columns: Mapping[str, Values], *, form: Literal["csv", "parquet"]) -> Path:
    """Write the columns, equally long, as `name`.csv or .parquet in `folder`; return the file.

    A value that is a list of strings is a list in Parquet and has bars between its parts in CSV; NaN is nothing. Raises
    OSError where the disk refuses.
    """
    frame = pl.DataFrame({column: _series(values) for column, values in columns.items()})
    path = folder / f"{name}.{form}"
    if form == "parquet":
        frame.write_parquet(path)
    else:
        lists = [column for column, kind in frame.schema.items() if kind == pl.List]
        frame.with_columns(pl.col(lists).list.join(BETWEEN) if lists else []).write_csv(path)
    return path


def _series(values: Values) -> pl.Series:
    series = pl.Series(values)
    return series.fill_nan(None) if series.dtype.is_float() else series
