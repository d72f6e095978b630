"""What a caller may ask of the recommender: one subject, and options beside it. The struct is the schema."""

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

Id: TypeAlias = str | int
"""An id is a string; a JSON integer is taken for the string of its digits."""

Value: TypeAlias = str | int | float | bool
"""True and false are the texts of columns that hold them, and 1 and 0 among numbers."""


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a history in full. `timestamp` is in unix seconds or milliseconds, the same in all entries."""

    item_id: Id
    rating: float | None = None
    timestamp: float | None = None
    event_type: str | None = None


class Range(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds for a numeric column; at least one is given."""

    gte: float | None = None
    gt: float | None = None
    lte: float | None = None
    lt: float | None = None


Condition: TypeAlias = Range | list[Value] | str | int | float | bool


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One instance. At most one of the four subjects is given; none, or an empty history, asks for the popular ones.

    `rank` asks for exactly these items, best first, all of them: `n`, the filters and what was seen do not matter.
    """

    history: list[Id | Event] | UnsetType = UNSET
    user_id: Id | UnsetType = UNSET
    item_id: Id | UnsetType = UNSET
    item: dict[str, Any] | UnsetType = UNSET

    n: Annotated[int, Meta(ge=1, le=1000)] = 10
    rank: list[Id] | None = None
    exclude: list[Id] = []
    allow: list[Id] | None = None
    filter: dict[str, Condition] = {}
    exclude_seen: bool = True
    diversity: Annotated[float, Meta(ge=0, le=1)] = 0.0
    explain: bool = True


SUBJECTS = ("history", "user_id", "item_id", "item")
OPTIONS = tuple(name for name in Request.__struct_fields__ if name not in SUBJECTS)
