"""What training hands over, put on the shelf: the model, and what stands beside it, by number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.desk.columns import Column, Numeric
from kindred.desk.stock import Facts, Kind
from kindred.recommender import ensemble, model
from kindred.recommender.ensemble import Ensemble
from kindred.recommender.model import Model

Arrays: TypeAlias = dict[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Histories:
    """User u met items[starts[u]:starts[u+1]], int32, oldest first; `liked`, bool, says which of them they liked."""

    user_ids: Sequence[str]
    starts: NDArray[np.int64]
    items: NDArray[np.int32]
    liked: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Goods:
    """The model and the catalogue beside it; the histories are written only where `Facts.users` says so."""

    model: Model | Ensemble
    ids: Sequence[str]
    titles: Sequence[str]
    columns: Mapping[str, Column]
    histories: Histories


def put(folder: Path, goods: Goods, *, facts: Facts, manifest: Manifest) -> None:
    """Leave the goods in `folder` as an artefact. Raises OSError where the disk refuses."""
    arrays, strings = _packed_columns(goods.columns)
    names = model.ARRAYS if isinstance(goods.model, Model) else ensemble.ARRAYS
    arrays |= {f"model.{name}": getattr(goods.model, name) for name in names}
    strings |= {"item_ids": goods.ids, "titles": goods.titles}
    if facts.users:
        known = goods.histories
        arrays |= {"users.starts": known.starts, "users.items": known.items, "users.liked": known.liked}
        strings |= {"user_ids": known.user_ids}
    shelf.write(
        folder,
        manifest=msgspec.structs.replace(manifest, facts=msgspec.to_builtins(facts)),
        arrays=arrays,
        strings=strings,
        indexed=[name for name in ("item_ids", "user_ids") if name in strings],
    )


def kinds(columns: Mapping[str, Column]) -> dict[str, Kind]:
    """Return each column's kind as `Facts.columns` keeps it."""
    return {name: "numeric" if isinstance(column, Numeric) else "categorical" for name, column in columns.items()}


def _packed_columns(columns: Mapping[str, Column]) -> tuple[Arrays, dict[str, Sequence[str]]]:
    arrays: Arrays = {}
    strings: dict[str, Sequence[str]] = {}
    for name, column in columns.items():
        if isinstance(column, Numeric):
            arrays[f"columns.{name}.numbers"] = column.numbers
            continue
        arrays |= {f"columns.{name}.codes": column.codes, f"columns.{name}.offsets": column.offsets}
        strings[f"columns.{name}.values"] = [column.values[code] for code in range(len(column.values))]
    return arrays, strings
