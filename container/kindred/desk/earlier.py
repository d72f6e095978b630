"""An earlier model as something to learn from: its catalogue, its histories, its clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kindred.artefact import shelf
from kindred.artefact.strings import Strings
from kindred.data.values import Column as RawColumn
from kindred.data.values import Known
from kindred.desk import stock
from kindred.desk.columns import Column, Numeric, Texts
from kindred.desk.stock import Facts, Stock, Users
from kindred.errors import UserError
from kindred.recommender.typing import Numbers


@dataclass(frozen=True, kw_only=True, eq=False)
class Earlier:
    """What it knows, by its own numbers; its clusters, int32 (items,), −1 for none; and its facts."""

    known: Known
    clusters: Numbers
    facts: Facts


def brought(folder: Path) -> Earlier:
    """Return what the model in `folder` knows. Raises UserError where it is damaged, or not the recommender's."""
    try:
        shelf.verify(folder)
        opened = stock.take(folder)
    except UserError as error:
        raise UserError(f"the channel 'model' cannot be gone on from: {error.sentence}", at=error.at) from error
    return Earlier(known=_known(opened), clusters=np.asarray(opened.scorer.clusters), facts=opened.facts)


def clusters(before: Earlier, ids: Sequence[str]) -> Numbers | None:
    """Return the earlier clusters of these items, int32 (items,), −1 for none; None if blocks did not find them."""
    if before.facts.kind != "blocks":
        return None
    places = {one: number for number, one in enumerate(before.known.ids)}
    numbers = np.array([places.get(one, -1) for one in ids], dtype=np.int64)
    found = np.full(len(ids), -1, dtype=np.int32)
    found[numbers >= 0] = before.clusters[numbers[numbers >= 0]]
    return found


def _known(opened: Stock) -> Known:
    columns: Mapping[str, RawColumn] = {name: _column(column) for name, column in opened.columns.items()}
    ids, titles = _all(opened.ids), _all(opened.titles)
    if opened.users is None:
        return Known(ids=ids, titles=titles, columns=columns)
    users: Users = opened.users
    return Known(
        ids=ids,
        titles=titles,
        columns=columns,
        user_ids=_all(users.ids),
        starts=np.asarray(users.starts),
        items=np.asarray(users.items),
        liked=np.asarray(users.liked),
    )


def _column(column: Column) -> RawColumn:
    if isinstance(column, Numeric):
        return RawColumn(kind="numeric", numbers=np.asarray(column.numbers))
    values = _all(column.values)
    return RawColumn(
        kind="categorical", codes=np.asarray(column.codes), offsets=np.asarray(column.offsets), values=values
    )


def _all(texts: Strings | Texts) -> tuple[str, ...]:
    return tuple(texts[number] for number in range(len(texts)))
