"""The catalogue's columns as features: which of them count, and how much."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from kindred.desk.columns import Categorical, Column, Numeric
from kindred.recommender.content import Bumps, Group, features
from kindred.recommender.typing import Floats

GENRES, YEAR = "genres", "year"
GENRE_WEIGHT, DECADE_WEIGHT, BUMP_WEIGHT, OTHER_WEIGHT = 1.0, 0.5, 0.7, 0.5
BUMP_YEARS = 8
"""Bumps of years stand so far apart, and are as broad."""

MOST_VALUES = 64
LEAST_SHARE, LEAST_ITEMS = 0.01, 5
"""Of a column with more values than MOST_VALUES only those count that so many items have: the others say who an item
is, not what kind it is."""


class FeatureGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A column as features: its values in order, or, for the year, decades or the centres of bumps, such as "1990"."""

    column: str
    kind: Literal["values", "decades", "bumps"]
    weight: float
    values: list[str]


def plan(columns: Mapping[str, Column]) -> list[FeatureGroup]:
    """Return the groups beside viewers' choices: genres first, then decades, then further columns, by name."""
    return _plan(columns, years="decades")


def plan_alone(columns: Mapping[str, Column]) -> list[FeatureGroup]:
    """Return the groups where metadata is all there is: the years are bumps, so that 1989 and 1991 are neighbours."""
    return _plan(columns, years="bumps")


def of_catalogue(groups: Sequence[FeatureGroup], columns: Mapping[str, Column]) -> Floats | None:
    """Return F of every item, float32 (n, f), or None where there is no group."""
    return features([_coded(group, columns[group.column]) for group in groups]) if groups else None


def of_values(group: FeatureGroup, column: Categorical) -> Group:
    """Return a group of values over the whole catalogue."""
    places = {value: place for place, value in enumerate(group.values)}
    recoded = np.array([places.get(column.values[code], -1) for code in range(len(column.values))], dtype=np.int32)
    codes = recoded[column.codes]
    items = np.repeat(np.arange(len(column.offsets) - 1), np.diff(column.offsets))[codes >= 0]
    offsets = np.searchsorted(items, np.arange(len(column.offsets))).astype(np.int64)
    return Group(codes=codes[codes >= 0], offsets=offsets, size=len(group.values), weight=group.weight)


def of_years(group: FeatureGroup, years: NDArray[np.float64]) -> Group | Bumps:
    """Return a group of years, float64 (n,) with NaN; a decade that is none of the group's counts for nothing."""
    marks = np.array([float(value) for value in group.values])
    if group.kind == "bumps":
        return Bumps(numbers=years, centres=marks, breadth=BUMP_YEARS, weight=group.weight)
    known = np.isin(_decades(years), marks)
    codes = np.searchsorted(marks, _decades(years)[known]).astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(known)]).astype(np.int64)
    return Group(codes=codes, offsets=offsets, size=len(group.values), weight=group.weight)


def _plan(columns: Mapping[str, Column], *, years: Literal["decades", "bumps"]) -> list[FeatureGroup]:
    groups = []
    genres, year = columns.get(GENRES), columns.get(YEAR)
    if isinstance(genres, Categorical) and len(genres.values):
        groups.append(_values(GENRES, _texts(genres), weight=GENRE_WEIGHT))
    if isinstance(year, Numeric) and np.isfinite(year.numbers).any():
        groups.append(_YEARS[years](year.numbers[np.isfinite(year.numbers)]))
    for name in sorted(set(columns) - {GENRES, YEAR}):
        column = columns[name]
        kinds = _kinds(column) if isinstance(column, Categorical) else []
        if len(kinds) >= 2:
            groups.append(_values(name, kinds, weight=OTHER_WEIGHT))
    return groups


def _values(name: str, values: list[str], *, weight: float) -> FeatureGroup:
    return FeatureGroup(column=name, kind="values", weight=weight, values=values)


def _of_decades(years: NDArray[np.float64]) -> FeatureGroup:
    marks = [f"{decade:.0f}" for decade in np.unique(_decades(years))]
    return FeatureGroup(column=YEAR, kind="decades", weight=DECADE_WEIGHT, values=marks)


def _of_bumps(years: NDArray[np.float64]) -> FeatureGroup:
    marks = [f"{year:.0f}" for year in np.arange(years.min(), years.max() + BUMP_YEARS, BUMP_YEARS)]
    return FeatureGroup(column=YEAR, kind="bumps", weight=BUMP_WEIGHT, values=marks)


_YEARS = {"decades": _of_decades, "bumps": _of_bumps}


def _kinds(column: Categorical) -> list[str]:
    """The values that say what kind of item it is."""
    texts = _texts(column)
    if len(texts) <= MOST_VALUES:
        return texts
    counts = np.bincount(column.codes, minlength=len(texts))
    least = max(LEAST_ITEMS, LEAST_SHARE * (len(column.offsets) - 1))
    frequent = np.flatnonzero(counts >= least)
    most = frequent[np.argsort(-counts[frequent], kind="stable")[:MOST_VALUES]]
    return [texts[code] for code in np.sort(most)]


def _texts(column: Categorical) -> list[str]:
    return [column.values[code] for code in range(len(column.values))]


def _coded(group: FeatureGroup, column: Column) -> Group | Bumps:
    return of_values(group, column) if isinstance(column, Categorical) else of_years(group, column.numbers)


def _decades(years: NDArray[np.float64]) -> NDArray[np.float64]:
    decades: NDArray[np.float64] = np.floor(years / 10) * 10
    return decades
