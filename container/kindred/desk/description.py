"""An item that nobody has met, as a caller describes it: the features it would have in the catalogue."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kindred.desk.columns import Column
from kindred.desk.features import YEAR, FeatureGroup, of_years
from kindred.errors import UserError, nearest
from kindred.recommender.content import Bumps, Group, features
from kindred.recommender.typing import Floats

BESIDE = ("item_id", "title")
"""What a description may carry beside the columns; it does not count."""


def features_of(groups: Sequence[FeatureGroup], columns: Mapping[str, Column], item: Mapping[str, Any]) -> Floats:
    """Return the row of F, float32 (f,), of an item as a caller describes it.

    Raises UserError, `at` `.item.<column>`, for an unknown column, or where nothing that is said of it counts.
    """
    valid = [*BESIDE, *columns]
    for name in item:
        if name not in valid:
            raise UserError(f"the catalogue has no column '{name}'{nearest(name, valid)}", at=f".item.{name}")
    row = features([_described(group, item.get(group.column)) for group in groups])[0] if groups else np.zeros(0)
    if not row.any():
        known = ", ".join(group.column for group in groups) or "none"
        raise UserError(f"nothing said of the item places it; columns that do: {known}", at=".item")
    return np.asarray(row, dtype=np.float32)


def _described(group: FeatureGroup, value: Any) -> Group | Bumps:
    if group.column == YEAR:
        return of_years(group, np.array([_year(value)]))
    wanted = {text.casefold() for text in _texts(value)}
    codes = [code for code, text in enumerate(group.values) if text.casefold() in wanted]
    return Group(
        codes=np.array(codes, dtype=np.int32),
        offsets=np.array([0, len(codes)], dtype=np.int64),
        size=len(group.values),
        weight=group.weight,
    )


def _texts(value: Any) -> list[str]:
    """What the value may mean; of that only what the catalogue knows counts."""
    if value is None:
        return []
    if isinstance(value, list):
        return [str(each) for each in value]
    text = str(value)
    return [text.strip(), *(part.strip() for part in re.split(r"[|,;]", text))]


def _year(value: Any) -> float:
    if value is None:
        return float("nan")
    found = re.search(r"[0-9]{4}", str(value))
    if found is None:
        raise UserError(f"the year is a number such as 1999, not '{str(value)[:80]}'", at=".item.year")
    return float(found[0])
