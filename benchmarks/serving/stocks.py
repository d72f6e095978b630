"""Generated artefacts: their shapes are those of a fit, their numbers are chance's."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.recommender.model import ARRAYS, Model

CENTRES, FEATURES = 50, 16
WIDTH, TASTES, GENRES = 64, 64, 20
PULLS = 50
"""Entries of W an item, as a fit of 100,000 items leaves them."""
EVENTS = 20
"""Of each user's history; there are as many users as items."""


def kmeans(folder: Path) -> Path:
    """Leave a model of k-means; return its folder."""
    centroids = np.random.default_rng(0).normal(size=(CENTRES, FEATURES)).astype(np.float32)
    shelf.write(folder, manifest=_manifest("kmeans", {}), arrays={"centroids": centroids}, strings={})
    return folder


def recommender(folder: Path, *, items: int, scored: int) -> Path:
    """Leave a recommender of so many items, the popular ones first, `scored` in its head; return its folder."""
    chance = np.random.default_rng(0)
    model = _model(items, scored, chance)
    arrays = {f"model.{name}": getattr(model, name) for name in ARRAYS}
    arrays |= {
        "columns.year.numbers": chance.integers(1950, 2025, items).astype(np.float64),
        "columns.genres.codes": chance.integers(0, GENRES, 2 * items).astype(np.int32),
        "columns.genres.offsets": np.arange(0, 2 * items + 1, 2),
        "users.starts": np.arange(0, EVENTS * items + 1, EVENTS),
        "users.items": chance.integers(0, items, EVENTS * items).astype(np.int32),
        "users.liked": np.ones(EVENTS * items, np.bool_),
    }
    strings = {
        "item_ids": [f"item-{number}" for number in range(items)],
        "titles": [f"The title of number {number}" for number in range(items)],
        "user_ids": [f"user-{number}" for number in range(items)],
        "columns.genres.values": [f"genre {number}" for number in range(GENRES)],
    }
    facts = {
        "kind": "blocks",
        "labels": [f"genre {number % GENRES} · {number}" for number in range(TASTES)],
        "features": [],
        "columns": {"year": "numeric", "genres": "categorical"},
        "recency": 1.0,
        "positive_from": None,
        "users": True,
    }
    manifest = _manifest("recommender", facts)
    shelf.write(folder, manifest=manifest, arrays=arrays, strings=strings, indexed=("item_ids", "user_ids"))
    return folder


def history(items: int, *, length: int) -> list[str]:
    """Return the ids of a history, the popular ones more often."""
    chance = np.random.default_rng(1)
    drawn = dict.fromkeys(_popular(items, 4 * length, chance).tolist())
    return [f"item-{number}" for number in list(drawn)[:length]]


def _model(items: int, scored: int, chance: np.random.Generator) -> Model:
    popularity = 1 / np.arange(1, items + 1) ** 0.5
    tastes = (chance.normal(size=(items, WIDTH)) * popularity[:, None]).astype(np.float32)
    return Model(
        block_starts=np.arange(0, PULLS * items + 1, PULLS),
        block_targets=_popular(items, PULLS * items, chance).astype(np.int32),
        block_weights=chance.exponential(0.01, PULLS * items).astype(np.float32),
        profiles=chance.normal(size=(items, WIDTH)).astype(np.float32),
        tastes=tastes,
        strengths=np.ones(WIDTH, np.float32),
        head=np.arange(scored, dtype=np.int32),
        clusters=chance.integers(0, TASTES, items).astype(np.int32),
        centroids=np.eye(TASTES, WIDTH, dtype=np.float32),
        popularity=popularity.astype(np.float32),
        content_map=np.zeros((0, 2 * WIDTH), np.float32),
    )


def _popular(items: int, count: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Items as people choose them, the first ones more often."""
    return (items * chance.random(count) ** 2).astype(np.int64)


def _manifest(algorithm: str, facts: dict[str, Any]) -> Manifest:
    return Manifest(
        algorithm=algorithm, hyperparameters={}, seed=0, fingerprint="", versions={}, metrics={}, facts=facts
    )
