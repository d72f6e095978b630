"""All that answering reads, opened from an artefact: the scorer and, beside it, ids, titles, columns, users."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from kindred.artefact import shelf
from kindred.artefact.shelf import Artefact
from kindred.artefact.strings import Strings
from kindred.desk.columns import Categorical, Column, Numeric, of_titles
from kindred.desk.features import FeatureGroup
from kindred.errors import UserError
from kindred.recommender import ensemble, model
from kindred.recommender.ensemble import Ensemble, Judges
from kindred.recommender.model import Model
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import Scorer

ALGORITHM = "recommender"

Kind: TypeAlias = Literal["numeric", "categorical"]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest keeps for answering.

    kind: which model it is. labels: a name for every cluster. columns: name → kind. recency: ρ of the history's
    weights. positive_from: the least rating that says "liked", or None. users: whether histories are kept.
    """

    kind: Literal["blocks", "ensemble"]
    labels: list[str]
    features: list[FeatureGroup]
    columns: dict[str, Kind]
    recency: float
    positive_from: float | None
    users: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Users:
    """Histories known from training: user u met items[starts[u]:starts[u+1]], int32, oldest first.

    `liked` bool, one entry an item met: what scores are drawn from. The rest only counts as seen.
    """

    ids: Strings
    starts: NDArray[np.int64]
    items: NDArray[np.int32]
    liked: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Stock:
    """An opened model, ready for answers; read-only."""

    facts: Facts
    scorer: Scorer
    ids: Strings
    titles: Strings
    columns: Mapping[str, Column]
    users: Users | None

    @cached_property
    def filtered_by(self) -> Mapping[str, Column]:
        """What a filter may name: every column, and the title."""
        return {"title": of_titles(self.titles), **self.columns}


def take(folder: Path) -> Stock:
    """Open the artefact in `folder`. Raises UserError where it is damaged, or not one of the recommender's."""
    artefact = shelf.open(folder)
    if artefact.manifest.algorithm != ALGORITHM:
        made = artefact.manifest.algorithm[:80]
        raise UserError(f"the model was made by the algorithm '{made}', not by '{ALGORITHM}'", at="manifest.json")
    try:
        facts = msgspec.convert(artefact.manifest.facts, Facts)
        stock = _stock(artefact, facts)
    except (msgspec.ValidationError, KeyError, TypeError) as error:
        raise UserError(f"the model is not one of the recommender's: {error}", at="manifest.json") from error
    _check(stock)
    return stock


def _stock(artefact: Artefact, facts: Facts) -> Stock:
    return Stock(
        facts=facts,
        scorer=_scorer(artefact, facts.kind),
        ids=artefact.strings["item_ids"],
        titles=artefact.strings["titles"],
        columns={name: _column(artefact, name, kind) for name, kind in facts.columns.items()},
        users=_users(artefact) if facts.users else None,
    )


def _scorer(artefact: Artefact, kind: str) -> Scorer:
    if kind == "ensemble":
        return Judges(Ensemble(**{name: artefact.arrays[f"model.{name}"] for name in ensemble.ARRAYS}))
    return Ranker(Model(**{name: artefact.arrays[f"model.{name}"] for name in model.ARRAYS}))


def _column(artefact: Artefact, name: str, kind: Kind) -> Column:
    if kind == "numeric":
        return Numeric(numbers=artefact.arrays[f"columns.{name}.numbers"])
    return Categorical(
        codes=artefact.arrays[f"columns.{name}.codes"],
        offsets=artefact.arrays[f"columns.{name}.offsets"],
        values=artefact.strings[f"columns.{name}.values"],
    )


def _users(artefact: Artefact) -> Users:
    return Users(
        ids=artefact.strings["user_ids"],
        starts=artefact.arrays["users.starts"],
        items=artefact.arrays["users.items"],
        liked=artefact.arrays["users.liked"],
    )


def _check(stock: Stock) -> None:
    """Refuse parts that do not belong together: found here once, they would else fail a request one day."""
    clusters = stock.scorer.clusters
    counts = {"titles": len(stock.titles), "clusters": len(clusters), "popularity": len(stock.scorer.popularity)}
    counts |= {f"the column '{name}'": _items(column) for name, column in stock.columns.items()}
    for what, count in counts.items():
        if count != len(stock.ids):
            raise _apart(f"{len(stock.ids)} items, but {what} for {count}")
    if int(clusters.max(initial=-1)) >= len(stock.facts.labels):
        raise _apart(f"{int(clusters.max()) + 1} clusters, but {len(stock.facts.labels)} labels")
    for group in stock.facts.features:
        if group.column not in stock.columns:
            raise _apart(f"features of the column '{group.column[:80]}', which is not there")
    if stock.users is not None and len(stock.users.starts) != len(stock.users.ids) + 1:
        raise _apart(f"{len(stock.users.ids)} users, but histories of {len(stock.users.starts) - 1}")


def _apart(found: str) -> UserError:
    return UserError(f"the model's parts do not belong together: it has {found}", at="manifest.json")


def _items(column: Column) -> int:
    return len(column.numbers) if isinstance(column, Numeric) else len(column.offsets) - 1
