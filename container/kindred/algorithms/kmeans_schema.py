"""The forms of an instance that k-means takes in JSON (contract line 165), as types; `codecs.vectors` reads them."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

Numbers = Annotated[list[Annotated[float, Meta(ge=-1e18, le=1e18)]], Meta(min_length=1)]
Integers = list[Annotated[int, Meta(ge=0)]]


class Vector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row: dense as its values alone, sparse with the keys that they stand at and the shape of the whole."""

    values: list[Annotated[float, Meta(ge=-1e18, le=1e18)]]
    keys: Integers | UnsetType = UNSET
    shape: Integers | UnsetType = UNSET


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The built-in's wrapper."""

    features: Numbers | Vector


class Instance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row under `features` or under `data`; what else an instance may carry is not read."""

    features: Numbers | Vector | UnsetType = UNSET
    data: Numbers | Data | UnsetType = UNSET
    configuration: dict[str, Any] | UnsetType = UNSET


INSTANCE = Numbers | Instance
