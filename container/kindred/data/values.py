"""Interactions and a catalogue as values: ids outside, dense numbers inside.

An *id* is what the customer calls a thing, a string. A *number* is our dense row, int32, never shown to a user.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the catalogue, one entry an item.

    numeric:     `numbers` float64 (items,), NaN where absent.
    categorical: `codes` int32 (entries,), `offsets` int64 (items + 1,): item j has codes[offsets[j]:offsets[j+1]],
                 each an index into `values`; a plain category has at most one, a multi-valued column any count.
    """

    kind: Literal["numeric", "categorical"]
    numbers: NDArray[np.float64] | None = None
    codes: NDArray[np.int32] | None = None
    offsets: NDArray[np.int64] | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Every item that interactions or metadata name, in number order.

    `ids` and `titles` have one entry an item (a title is "" where unknown); `described` bool (items,) says which items
    the metadata names. `columns` never holds the id or the title; `genres` and `year` are there when known.
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    described: NDArray[np.bool_]
    columns: Mapping[str, Column]


@dataclass(frozen=True, kw_only=True)
class Interactions:
    """Who did what, one row an event; rows of one user are in order of time (of the file, where no time is given).

    users, items: int32 (rows,) numbers, ascending by user. `ratings` float32 (rows,) or None; `timestamps` float64
    (rows,), unix seconds, or None. `user_ids` has one entry a user.
    """

    users: NDArray[np.int32]
    items: NDArray[np.int32]
    ratings: NDArray[np.float32] | None
    timestamps: NDArray[np.float64] | None
    user_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Pantry:
    """What a job's channels hold: interactions (rows may be 0), the catalogue, and what was found on the way.

    `warnings` are sentences for a person, bad rows with their file and line among them. `fingerprint` is equal for
    equal data in any row or file order.
    """

    interactions: Interactions
    catalogue: Catalogue
    warnings: tuple[str, ...]
    fingerprint: str
