"""The catalogue as the desk wants it: columns, features, and clusters in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kindred.data.values import Catalogue
from kindred.data.values import Column as RawColumn
from kindred.desk import features
from kindred.desk.columns import Categorical, Column, Numeric
from kindred.desk.features import FeatureGroup
from kindred.desk.papers import ClusterRow
from kindred.recommender import labels
from kindred.recommender.typing import Floats, Numbers

TYPICAL = 5
KINDS = (
    *(features.GENRES, "category", "categories", "maincategory", "categoryname", "producttypename", "producttype"),
    *("subcategory", "department", "productgroupname", "tags", "subjects", "topics", "style", "type", "brand"),
)
"""The column that names clusters: the first of these that there is."""
LEAST_WEIGHT = 0.01
"""What an item nobody chose weighs in a label, as a share of the mean: a cluster of nothing else has a name too."""


@dataclass(frozen=True, kw_only=True)
class Described:
    """The catalogue's columns, the groups of features drawn from them, and F, float32 (n, f), or None."""

    columns: Mapping[str, Column]
    groups: Sequence[FeatureGroup]
    features: Floats | None


def described(raw: Catalogue) -> Described:
    """Return what the metadata says beside viewers' choices, in the forms that fitting and answering want."""
    columns = {name: _column(column) for name, column in raw.columns.items()}
    return _with(features.plan(columns), columns)


def alone(about: Described) -> Described:
    """Return the same where metadata is all there is."""
    return _with(features.plan_alone(about.columns), about.columns)


def _with(groups: Sequence[FeatureGroup], columns: Mapping[str, Column]) -> Described:
    return Described(columns=columns, groups=groups, features=features.of_catalogue(groups, columns))


def numbers(raw: Catalogue, names: Sequence[str]) -> NDArray[np.float64] | None:
    """Return the numeric column with the first of these names, float64 (n,) with NaN, or None where there is none.

    A name is compared without case, `_` and what else is no letter or digit.
    """
    numeric = {_plain(name): column.numbers for name, column in raw.columns.items() if column.numbers is not None}
    return next((numeric[name] for name in names if name in numeric), None)


def clusters(
    raw: Catalogue, about: Described, members: Numbers, chosen: Numbers, *, popularity: Floats
) -> list[ClusterRow]:
    """Return each cluster in words. members int32 (n,): cluster or −1; chosen int32 (events,): item numbers."""
    k = int(members.max(initial=-1)) + 1
    weights = _weights(chosen, popularity)
    typical = [
        [_title(raw, int(item)) for item in row] for row in labels.typical(members, popularity, k=k, most=TYPICAL)
    ]
    names = labels.told_apart(_labels(about, members, weights, typical, k=k), typical)
    sizes = np.bincount(members[members >= 0], minlength=k)
    visits = np.bincount(members[chosen][members[chosen] >= 0], minlength=k) / max(len(chosen), 1)
    return [
        ClusterRow(
            cluster=cluster,
            size=int(sizes[cluster]),
            label=names[cluster],
            interactions=float(visits[cluster]),
            typical=typical[cluster],
        )
        for cluster in range(k)
    ]


def _weights(chosen: Numbers, popularity: Floats) -> Floats:
    """How much an item says of what its cluster is: the root of how often it was chosen, lest one title name a cluster
    for what it alone is; or else how popular it is.
    """
    counts = np.sqrt(np.bincount(chosen, minlength=len(popularity))) if len(chosen) else popularity
    return np.asarray(counts + np.float32(LEAST_WEIGHT * max(float(counts.mean()), 1e-6)), dtype=np.float32)


def _labels(
    about: Described, members: Numbers, weights: Floats, typical: Sequence[Sequence[str]], *, k: int
) -> list[str]:
    names = _genres(about, members, weights, k=k)
    year = about.columns.get(features.YEAR)
    if not isinstance(year, Numeric):
        return [labels.label(names[cluster], None, typical[cluster]) for cluster in range(k)]
    spans = labels.spans(year.numbers, members, k=k, weights=weights)
    [whole] = labels.spans(year.numbers, np.zeros_like(members), k=1, weights=weights)
    return [labels.label(names[c], labels.when(spans[c], whole), typical[c]) for c in range(k)]


def _genres(about: Described, members: Numbers, weights: Floats, *, k: int) -> list[list[str]]:
    groups = {_plain(group.column): group for group in about.groups if group.kind == "values"}
    group = next((groups[name] for name in KINDS if name in groups), None)
    column = None if group is None else about.columns[group.column]
    if group is None or not isinstance(column, Categorical):
        return [[] for _ in range(k)]
    return labels.genre_names(features.of_values(group, column), group.values, members, k=k, weights=weights)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _title(raw: Catalogue, item: int) -> str:
    return raw.titles[item] or raw.ids[item]


def _column(raw: RawColumn) -> Column:
    if raw.numbers is not None:
        return Numeric(numbers=raw.numbers)
    assert raw.codes is not None
    assert raw.offsets is not None
    return Categorical(codes=raw.codes, offsets=raw.offsets, values=raw.values)
