"""Parquet as vectors: every column a feature, or one column of lists."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kindred.data.tables import reading
from kindred.errors import UserError

_FIRST_ROWS = 1 << 10
"""Rows of the first part, which tells how wide lists are."""


def parts(path: str, *, label: str, label_size: int, part_bytes: int) -> Iterator[NDArray[np.float32]]:
    """Yield the matrix float32 (n, d) of the columns after the first `label_size` in parts; an absent number is NaN.

    A part has about `part_bytes`. Raises UserError, `at` `label`, for a damaged file and for columns that are neither
    numbers nor one list of them.
    """
    with reading(label, "the file cannot be read as Parquet: {}".format):
        table = pl.scan_parquet(path, glob=False)
        table = table.select(table.collect_schema().names()[label_size:])
        count, width = table.select(pl.len()).collect().item(), 0
        begin, step = 0, _FIRST_ROWS
        while begin < count:
            rows = _numbers(table.slice(begin, step), label=label, before=begin, width=width)
            yield rows
            begin, width = begin + step, rows.shape[1]
            step = max(1, part_bytes // (4 * max(width, 1)))


def numeric(source: str) -> bool:
    """Tell by its schema whether a Parquet file holds vectors. Raises UserError as `rows` does."""
    with reading("", str):
        schema = pl.scan_parquet(source, glob=False).collect_schema()
    kinds = list(schema.values())
    return bool(kinds) and (all(map(_is_number, kinds)) or (len(kinds) == 1 and _is_list(kinds[0])))


def _numbers(table: pl.LazyFrame, *, label: str, before: int, width: int) -> NDArray[np.float32]:
    schema = table.collect_schema()
    if len(schema) == 1 and _is_list(next(iter(schema.values()))):
        return _lists(table, label=label, before=before, width=width)
    for name, kind in schema.items():
        if not _is_number(kind):
            raise UserError(f"the column '{name[:60]}' is of type {kind}; vectors are made of numbers", at=label)
    return table.select(pl.all().cast(pl.Float32)).collect(engine="streaming").to_numpy(order="c")


def _lists(table: pl.LazyFrame, *, label: str, before: int, width: int) -> NDArray[np.float32]:
    column = table.collect(engine="streaming").to_series()
    lists = column.arr.to_list() if isinstance(column.dtype, pl.Array) else column
    widths = lists.list.len().fill_null(0).to_numpy()
    expected = width or widths[0]
    uneven = np.flatnonzero(widths != expected)
    if len(uneven):
        sentence = f"the list has {widths[uneven[0]]} numbers, and the first has {expected}"
        raise UserError(sentence, at=f"{label}: row {before + uneven[0] + 1}")
    flat = lists.explode(empty_as_null=False).cast(pl.Float32).to_numpy()
    return flat.reshape(len(widths), -1) if len(widths) else np.empty((0, 0), np.float32)


def _is_number(kind: object) -> bool:
    return isinstance(kind, pl.DataType) and (kind.is_numeric() or kind == pl.Boolean)


def _is_list(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.List | pl.Array) and _is_number(kind.inner)
