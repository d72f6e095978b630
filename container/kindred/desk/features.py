"""The catalogue's columns as features: which of them count, and how much."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from kindred.desk.columns import Categorical, Column, Numeric
from kindred.recommender.content import Group, features
from kindred.recommender.typing import Floats

GENRES, YEAR = "genres", "year"
GENRE_WEIGHT, OTHER_WEIGHT = 1.0, 0.5
MOST_VALUES = 64
"""A column with more values than this says who an item is, not what kind it is."""


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
