"""A filter over the catalogue's columns: which items meet every condition."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kindred.desk.columns import Categorical, Column
from kindred.desk.request import Condition, Range
from kindred.errors import UserError, nearest

Flags = NDArray[np.bool_]


def matching(conditions: Mapping[str, Condition], columns: Mapping[str, Column], *, items: int) -> Flags:
    """Return which items meet every condition, bool (items,); the values of one condition are alternatives.

    Text is compared without regard to case. Raises UserError for a column that does not exist, or a condition that
    does not suit its column; `at` is `.filter.<column>`.
    """
    met = np.ones(items, dtype=np.bool_)
    for name, condition in conditions.items():
        column = columns.get(name)
        if column is None:
            raise UserError(f"the catalogue has no column '{name}'{nearest(name, columns)}", at=f".filter.{name}")
        met &= _meets(column, condition, at=f".filter.{name}")
    return met


def _meets(column: Column, condition: Condition, *, at: str) -> Flags:
    if isinstance(condition, Range):
        if isinstance(column, Categorical):
            raise UserError("a range suits a column of numbers; this one holds text: give a list of values", at=at)
        return _within(column.numbers, condition, at=at)
    wanted = condition if isinstance(condition, list) else [condition]
    if isinstance(column, Categorical):
        return _has_any(column, [str(value) for value in wanted])
    return np.isin(column.numbers, [_number(value, at=at) for value in wanted])


_BOUNDS: Mapping[str, Callable[[NDArray[np.float64], float], Flags]] = {
    "gte": lambda numbers, bound: numbers >= bound,
    "gt": lambda numbers, bound: numbers > bound,
    "lte": lambda numbers, bound: numbers <= bound,
    "lt": lambda numbers, bound: numbers < bound,
}


def _within(numbers: NDArray[np.float64], bounds: Range, *, at: str) -> Flags:
    given = {name: getattr(bounds, name) for name in _BOUNDS if getattr(bounds, name) is not None}
    if not given:
        raise UserError(f"a range needs at least one of {', '.join(_BOUNDS)}", at=at)
    met: Flags = np.logical_and.reduce([_BOUNDS[name](numbers, bound) for name, bound in given.items()])
    return met


def _has_any(column: Categorical, wanted: Sequence[str]) -> Flags:
    met = np.zeros(len(column.offsets) - 1, dtype=np.bool_)
    having = np.zeros(len(column.values), dtype=np.bool_)
    having[column.among(wanted)] = True
    entries = np.flatnonzero(having[column.codes])
    met[np.searchsorted(column.offsets, entries, side="right") - 1] = True
    return met


def _number(value: str | int | float, *, at: str) -> float:
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise UserError(f"the column holds numbers; '{str(value)[:80]}' is none", at=at) from None
