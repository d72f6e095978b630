"""All that answering reads: the scorer and, beside it, ids, titles, columns, labels, users; written once, mapped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.artefact.shelf import Artefact
from kindred.artefact.strings import Strings
from kindred.desk.columns import Categorical, Column, Numeric
from kindred.desk.features import FeatureGroup
from kindred.errors import UserError
from kindred.recommender import ensemble, model
from kindred.recommender.ensemble import Ensemble, Judges
from kindred.recommender.model import Model
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import Scorer

Arrays: TypeAlias = dict[str, NDArray[Any]]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest keeps for answering.

    kind: which model it is. labels: a name for every cluster. columns: name → kind. recency: ρ of the history's
    weights. positive_from: the least rating that says "liked", or None. users: whether histories are kept.
    """

    kind: Literal["blocks", "ensemble"]
    labels: list[str]
    features: list[FeatureGroup]
    columns: dict[str, str]
    recency: float
    positive_from: float | None
    users: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Users:
    """Histories known from training: user u chose items[starts[u]:starts[u+1]], int32, oldest first."""

    ids: Strings
    starts: NDArray[np.int64]
    items: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Stock:
    """An opened model, ready for answers; read-only."""

    facts: Facts
    scorer: Scorer
    ids: Strings
    titles: Strings
    columns: Mapping[str, Column]
    users: Users | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Goods:
    """What training hands over: the model, and what stands beside it, by number.

    User u chose user_items[user_starts[u]:user_starts[u+1]], int32, oldest first; they are written only where
    `Facts.users` says so.
    """

    model: Model | Ensemble
    ids: Sequence[str]
    titles: Sequence[str]
    columns: Mapping[str, Column]
    user_ids: Sequence[str]
    user_starts: NDArray[np.int64]
    user_items: NDArray[np.int32]


def put(folder: Path, goods: Goods, *, facts: Facts, manifest: Manifest) -> None:
    """Leave the goods in `folder` as an artefact. Raises OSError where the disk refuses."""
    arrays, strings = _packed_columns(goods.columns)
    names = model.ARRAYS if isinstance(goods.model, Model) else ensemble.ARRAYS
    arrays |= {f"model.{name}": getattr(goods.model, name) for name in names}
    strings |= {"item_ids": goods.ids, "titles": goods.titles}
    if facts.users:
        arrays |= {"users.starts": goods.user_starts, "users.items": goods.user_items}
        strings |= {"user_ids": goods.user_ids}
    shelf.write(
        folder,
        manifest=msgspec.structs.replace(manifest, facts=msgspec.to_builtins(facts)),
        arrays=arrays,
        strings=strings,
        indexed=[name for name in ("item_ids", "user_ids") if name in strings],
    )


def take(folder: Path) -> Stock:
    """Open the artefact in `folder`. Raises UserError where it is damaged, or not one of the recommender's."""
    artefact = shelf.open(folder)
    try:
        facts = msgspec.convert(artefact.manifest.facts, Facts)
        return _stock(artefact, facts)
    except (msgspec.ValidationError, KeyError, TypeError) as error:
        raise UserError(f"the model is not one of the recommender's: {error}", at="manifest.json") from error


def _stock(artefact: Artefact, facts: Facts) -> Stock:
    users = None
    if facts.users:
        users = Users(
            ids=artefact.strings["user_ids"],
            starts=artefact.arrays["users.starts"],
            items=artefact.arrays["users.items"],
        )
    return Stock(
        facts=facts,
        scorer=_scorer(artefact, facts.kind),
        ids=artefact.strings["item_ids"],
        titles=artefact.strings["titles"],
        columns={name: _column(artefact, name, kind) for name, kind in facts.columns.items()},
        users=users,
    )


def _scorer(artefact: Artefact, kind: str) -> Scorer:
    if kind == "ensemble":
        return Judges(Ensemble(**{name: artefact.arrays[f"model.{name}"] for name in ensemble.ARRAYS}))
    return Ranker(Model(**{name: artefact.arrays[f"model.{name}"] for name in model.ARRAYS}))


def _column(artefact: Artefact, name: str, kind: str) -> Column:
    if kind == "numeric":
        return Numeric(numbers=artefact.arrays[f"columns.{name}.numbers"])
    return Categorical(
        codes=artefact.arrays[f"columns.{name}.codes"],
        offsets=artefact.arrays[f"columns.{name}.offsets"],
        values=artefact.strings[f"columns.{name}.values"],
    )


def kinds(columns: Mapping[str, Column]) -> dict[str, str]:
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
