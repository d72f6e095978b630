"""Interactions and a catalogue as values: ids outside, dense numbers inside.

An *id* is what the customer calls a thing, a string. A *number* is our dense row, int32, never shown to a user.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from kindred.errors import Bug

Array = TypeVar("Array", bound=np.generic)


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

    def __post_init__(self) -> None:
        if self.kind == "numeric":
            _require("numbers are float64", kept=_given(self.numbers).dtype == np.float64)
            return
        codes, offsets = _given(self.codes), _given(self.offsets)
        _require("codes are int32, offsets int64", kept=codes.dtype == np.int32 and offsets.dtype == np.int64)
        _require("offsets run from 0 to the number of codes", kept=offsets[0] == 0 and offsets[-1] == len(codes))
        _require("offsets never fall", kept=bool(np.all(np.diff(offsets) >= 0)))
        _require("codes are indices into values", kept=_within(codes, len(self.values)))


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

    def __post_init__(self) -> None:
        entries = {len(self.ids), len(self.titles), len(self.described), *map(_entries, self.columns.values())}
        _require("ids, titles, described and columns have one entry an item", kept=len(entries) == 1)


@dataclass(frozen=True, kw_only=True)
class Interactions:
    """Who did what, one row an event; rows of one user are in order of time (of the file, where no time is given).

    users, items: int32 (rows,) numbers, ascending by user. `ratings` float32 (rows,) or None; `timestamps` float64
    (rows,), unix seconds, or None. `user_ids` has one entry a user. `settled` int8 (rows,), or None: 1 liked, 0 not,
    as an earlier model has it, whatever the rating, which is NaN then; −1 where the rating is to say.
    """

    users: NDArray[np.int32]
    items: NDArray[np.int32]
    ratings: NDArray[np.float32] | None
    timestamps: NDArray[np.float64] | None
    user_ids: tuple[str, ...]
    settled: NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        rows = [column for column in (self.items, self.ratings, self.timestamps, self.settled) if column is not None]
        _require(
            "users, items and the rest have equal rows", kept=all(len(column) == len(self.users) for column in rows)
        )
        _require("numbers are int32", kept=self.users.dtype == np.int32 and self.items.dtype == np.int32)
        _require("rows ascend by user", kept=bool(np.all(self.users[1:] >= self.users[:-1])))
        _require("user numbers are indices into user_ids", kept=_within(self.users, len(self.user_ids)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What an earlier model knows: items by its own numbers, with ids, titles ("" where unknown) and columns.

    User u met items[starts[u]:starts[u+1]], int32, oldest first; `liked` bool says which of them they liked.
    """

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    columns: Mapping[str, Column]
    user_ids: tuple[str, ...] = ()
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    items: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    liked: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


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

    def __post_init__(self) -> None:
        _require(
            "item numbers are indices into the catalogue",
            kept=_within(self.interactions.items, len(self.catalogue.ids)),
        )


def _entries(column: Column) -> int:
    return len(_given(column.numbers)) if column.kind == "numeric" else len(_given(column.offsets)) - 1


def _given(array: NDArray[Array] | None) -> NDArray[Array]:
    if array is None:
        raise Bug("a promise of the data is broken: a column has the arrays of its kind")
    return array


def _within(numbers: NDArray[np.int32], count: int) -> bool:
    return not len(numbers) or (int(numbers.min()) >= 0 and int(numbers.max()) < count)


def _require(promise: str, *, kept: bool) -> None:
    if not kept:
        raise Bug(f"a promise of the data is broken: {promise}")
