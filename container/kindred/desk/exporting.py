"""A model as plain tables: by id, so that they mean something outside."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kindred.desk.columns import Categorical, Column
from kindred.desk.stock import Stock
from kindred.recommender.model import Model
from kindred.recommender.ranking import Ranker

Columns: TypeAlias = Mapping[str, Any]


def tables(stock: Stock) -> Mapping[str, Callable[[], Columns]]:
    """Return the tables that the model can be told in: name → what makes its columns, equally long.

    items and clusters; histories where it keeps users; weights (W, entry by entry), profiles (Φ) and tastes (V) where
    it learnt from viewers (docs/4-the-model.md).
    """
    found: dict[str, Callable[[], Columns]] = {"items": lambda: _items(stock), "clusters": lambda: _clusters(stock)}
    if stock.users is not None:
        found["histories"] = lambda: _histories(stock)
    if isinstance(stock.scorer, Ranker):
        model = stock.scorer.model
        found["weights"] = lambda: _weights(stock, model)
        found["profiles"] = lambda: _vectors(stock, model.profiles)
        found["tastes"] = lambda: _vectors(stock, model.tastes)
    return found


def _items(stock: Stock) -> Columns:
    clusters = np.asarray(stock.scorer.clusters).tolist()
    return {
        "item_id": _ids(stock),
        "title": stock.titles.many(np.arange(len(stock.titles))),
        "cluster": [cluster if cluster >= 0 else None for cluster in clusters],
        "popularity": np.asarray(stock.scorer.popularity),
    } | {_free(name): _values(column) for name, column in stock.columns.items()}


def _free(name: str) -> str:
    return f"{name}_of_catalogue" if name in ("cluster", "popularity") else name


def _values(column: Column) -> Any:
    if not isinstance(column, Categorical):
        return np.asarray(column.numbers)
    texts = [column.values[code] for code in range(len(column.values))]
    named = [texts[code] for code in column.codes.tolist()]
    bounds = column.offsets.tolist()
    return [named[start:end] for start, end in pairwise(bounds)]


def _clusters(stock: Stock) -> Columns:
    clusters = stock.scorer.clusters
    sizes = np.bincount(clusters[clusters >= 0], minlength=len(stock.facts.labels))
    return {"cluster": np.arange(len(sizes)), "label": stock.facts.labels, "size": sizes}


def _histories(stock: Stock) -> Columns:
    assert stock.users is not None
    lengths = np.diff(stock.users.starts)
    users = np.repeat(np.arange(len(lengths)), lengths)
    return {
        "user_id": stock.users.ids.many(users),
        "place": np.arange(len(users)) - np.repeat(np.asarray(stock.users.starts[:-1]), lengths) + 1,
        "item_id": stock.ids.many(stock.users.items),
        "liked": np.asarray(stock.users.liked),
    }


def _weights(stock: Stock, model: Model) -> Columns:
    items = np.repeat(np.arange(len(stock.ids)), np.diff(model.block_starts))
    return {
        "item_id": stock.ids.many(items),
        "pulls": stock.ids.many(model.block_targets),
        "weight": np.asarray(model.block_weights),
    }


def _vectors(stock: Stock, rows: NDArray[np.float32]) -> Columns:
    return {"item_id": _ids(stock)} | {f"x{at}": np.ascontiguousarray(column) for at, column in enumerate(rows.T)}


def _ids(stock: Stock) -> list[str]:
    return stock.ids.many(np.arange(len(stock.ids)))
