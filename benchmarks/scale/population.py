"""A generated population: items of power-law popularity in clusters, viewers who favour a few of them.

No real data: it has the size and the skew of a large catalogue, and a structure that a recommender can find.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

CLUSTERS = 600
GENRES = 20
FAVOURITES = 4
FAITHFUL = 0.8
SKEW = 1.0
MEDIAN_HISTORY = 55
SPREAD = 0.9
USERS_AT_ONCE = 4_000


@dataclass(frozen=True, kw_only=True)
class Population:
    """Who likes what, as the two arrays of a csr matrix: starts int64 (users + 1,), items int32 (interactions,),
    ascending and distinct in a row. content: float32 (items, GENRES), each row of length one or zero."""

    starts: np.ndarray
    items: np.ndarray
    content: np.ndarray


def generate(*, items: int, interactions: int, rng: np.random.Generator) -> Population:
    """Return a population of exactly so many interactions; users come until these are spent. Same seed, same bits."""
    world = _world(items, rng)
    found = np.empty(interactions, dtype=np.int32)
    lengths: list[np.ndarray] = []
    filled = 0
    for counts, liked in _crowds(world, rng):
        fits = min(len(liked), interactions - filled)
        found[filled : filled + fits] = liked[:fits]
        filled += fits
        lengths.append(np.diff(np.minimum(np.concatenate([[0], np.cumsum(counts)]), fits)))
        if filled == interactions:
            break
    per_user = np.concatenate(lengths)
    starts = np.concatenate([[0], np.cumsum(per_user[per_user > 0])])
    return Population(starts=starts, items=found, content=_content(world, rng))


@dataclass(frozen=True, kw_only=True)
class _World:
    """Items in order of their clusters: edges int64 (CLUSTERS + 1,) into them, reach the running sum of popularity from
    0 (items + 1,), names the item number of each place."""

    edges: np.ndarray
    reach: np.ndarray
    names: np.ndarray


def _world(items: int, rng: np.random.Generator) -> _World:
    sizes = np.bincount(rng.choice(CLUSTERS, items, p=rng.dirichlet(np.full(CLUSTERS, 3.0))), minlength=CLUSTERS)
    popularity = rng.permutation(np.arange(1, items + 1) ** -SKEW)
    return _World(
        edges=np.concatenate([[0], np.cumsum(sizes)]),
        reach=np.concatenate([[0.0], np.cumsum(popularity)]),
        names=rng.permutation(items).astype(np.int32),
    )


def _crowds(world: _World, rng: np.random.Generator) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, without end, how many items each of some users likes, and these items user by user."""
    low, high = world.reach[world.edges[:-1]], world.reach[world.edges[1:]]
    shares = (high - low) / world.reach[-1]
    while True:
        favourites = rng.choice(CLUSTERS, (USERS_AT_ONCE, FAVOURITES), p=shares)
        draws = np.clip(rng.lognormal(np.log(MEDIAN_HISTORY), SPREAD, USERS_AT_ONCE), 5, 2_000).astype(np.int64)
        users = np.repeat(np.arange(USERS_AT_ONCE), draws)
        cluster = favourites[users, rng.integers(0, FAVOURITES, len(users))]
        at = rng.random(len(users))
        anywhere = rng.random(len(users)) > FAITHFUL
        at = np.where(anywhere, at * world.reach[-1], low[cluster] + at * (high - low)[cluster])
        places = np.searchsorted(world.reach, at, side="right") - 1
        liked = world.names[np.minimum(places, len(world.names) - 1)]
        pairs = np.unique(users << 32 | liked)
        yield np.bincount(pairs >> 32, minlength=USERS_AT_ONCE), (pairs & 0xFFFFFFFF).astype(np.int32)


def _content(world: _World, rng: np.random.Generator) -> np.ndarray:
    """One or two genres a cluster, which every item of it has nine times in ten."""
    of_cluster = np.zeros((CLUSTERS, GENRES), dtype=np.float32)
    of_cluster[np.arange(CLUSTERS)[:, None], rng.integers(0, GENRES, (CLUSTERS, 2))] = 1
    rows = np.repeat(of_cluster, np.diff(world.edges), axis=0) * (rng.random((len(world.names), GENRES)) < 0.9)
    content = np.empty_like(rows, dtype=np.float32)
    content[world.names] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)
    return content
