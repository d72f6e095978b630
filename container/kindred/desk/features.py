"""Which columns of the catalogue become features, and the features of one item that a caller describes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from kindred.desk.columns import Categorical, Column, Numeric
from kindred.errors import UserError, nearest
from kindred.recommender.content import Group, features
from kindred.recommender.typing import Floats

GENRES, YEAR = "genres", "year"
GENRE_WEIGHT, OTHER_WEIGHT = 1.0, 0.5
MOST_VALUES = 64
"""A column with more values than this says who an item is, not what kind it is."""

DESCRIPTIVE = ("item_id", "title")
"""What a described item may carry beside the columns; it does not count."""


class FeatureGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A column as features: its values in order, or, for the year, decades such as "1990"."""

    column: str
    weight: float
    values: list[str]


def plan(columns: Mapping[str, Column]) -> list[FeatureGroup]:
    """Return the groups of this catalogue: genres first, then decades, then columns with few values, by name."""
    groups = []
    genres, year = columns.get(GENRES), columns.get(YEAR)
    if isinstance(genres, Categorical) and len(genres.values):
        groups.append(_of_values(GENRES, genres, weight=GENRE_WEIGHT))
    if isinstance(year, Numeric) and np.isfinite(year.numbers).any():
        decades = np.unique(_decades(year)[np.isfinite(year.numbers)])
        groups.append(FeatureGroup(column=YEAR, weight=OTHER_WEIGHT, values=[str(decade) for decade in decades]))
    for name in sorted(set(columns) - {GENRES, YEAR}):
        column = columns[name]
        if isinstance(column, Categorical) and 2 <= len(column.values) <= MOST_VALUES:
            groups.append(_of_values(name, column, weight=OTHER_WEIGHT))
    return groups


def of_catalogue(groups: Sequence[FeatureGroup], columns: Mapping[str, Column]) -> Floats | None:
    """Return F of every item, float32 (n, f), or None where there is no group."""
    return features([_coded(group, columns[group.column]) for group in groups]) if groups else None


def of_item(groups: Sequence[FeatureGroup], columns: Mapping[str, Column], item: Mapping[str, Any]) -> Floats:
    """Return the row of F, float32 (f,), of an item as a caller describes it.

    Raises UserError, `at` `.item.<column>`, for an unknown column, or where nothing that is said of it counts.
    """
    valid = [*DESCRIPTIVE, *columns]
    for name in item:
        if name not in valid:
            raise UserError(f"the catalogue has no column '{name}'{nearest(name, valid)}", at=f".item.{name}")
    row = features([_described(group, item.get(group.column)) for group in groups])[0] if groups else np.zeros(0)
    if not row.any():
        known = ", ".join(group.column for group in groups) or "none"
        raise UserError(f"nothing said of the item places it; columns that do: {known}", at=".item")
    return np.asarray(row, dtype=np.float32)


def group_of_names(group: FeatureGroup, columns: Mapping[str, Column]) -> Group:
    """Return a group's codes over the whole catalogue, for labels."""
    return _coded(group, columns[group.column])


def _of_values(name: str, column: Categorical, *, weight: float) -> FeatureGroup:
    return FeatureGroup(column=name, weight=weight, values=[column.values[code] for code in range(len(column.values))])


def _coded(group: FeatureGroup, column: Column) -> Group:
    if isinstance(column, Categorical):
        return Group(codes=column.codes, offsets=column.offsets, size=len(group.values), weight=group.weight)
    known = np.isfinite(column.numbers)
    decades = np.array([int(value) for value in group.values])
    codes = np.searchsorted(decades, _decades(column)[known]).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(known)]).astype(np.int64)
    return Group(codes=codes, offsets=offsets, size=len(group.values), weight=group.weight)


def _decades(years: Numeric) -> Any:
    return (np.nan_to_num(years.numbers) // 10 * 10).astype(np.int64)


def _described(group: FeatureGroup, value: Any) -> Group:
    wanted = {text.casefold() for text in _texts(group, value)}
    codes = [code for code, text in enumerate(group.values) if text.casefold() in wanted]
    return Group(
        codes=np.array(codes, dtype=np.int32),
        offsets=np.array([0, len(codes)], dtype=np.int64),
        size=len(group.values),
        weight=group.weight,
    )


def _texts(group: FeatureGroup, value: Any) -> list[str]:
    if value is None:
        return []
    if group.column == YEAR:
        return [_decade(value)]
    if isinstance(value, list):
        return [str(each) for each in value]
    return [text.strip() for text in re.split(_BETWEEN.get(group.column, r"\|"), str(value))]


_BETWEEN = {GENRES: r"[|,]"}
"""What stands between several values in one text, where it is not a bar alone."""


def _decade(value: Any) -> str:
    found = re.search(r"[0-9]{4}", str(value))
    if found is None:
        raise UserError(f"the year is a number such as 1999, not '{str(value)[:80]}'", at=".item.year")
    return str(int(found[0]) // 10 * 10)
