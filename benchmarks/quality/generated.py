"""A generated catalogue with viewers whose tastes drift: what there is to find is known, and so is that time tells.

Titles are of one of TASTES tastes, appear one after another, and are skewed in how much they are watched. A viewer
follows a few tastes at a time, moves on to a neighbouring one now and then, and sometimes takes what is popular.
Metadata names a taste's two genres, and is wrong now and then. No real data: it shows what happens under these
conditions, not who is better in general.
"""

from dataclasses import dataclass

import numpy as np

from benchmarks.quality.films import Films

USERS = 3_000
ITEMS = 2_500
TASTES = 60
GENRES = 18
AT_A_TIME = 3
MOVES = 0.04
FAITHFUL = 0.75
SKEW = 0.8
MEDIAN_HISTORY = 60
SPREAD = 0.8
FRESH = 0.25
MOST_CHOICES = 12


@dataclass(frozen=True, kw_only=True)
class _World:
    """born, weights float64 (items,); members: the titles of each taste, in order of birth."""

    born: np.ndarray
    weights: np.ndarray
    members: list[np.ndarray]


def generate(*, seed: int) -> Films:
    """Return the positives of USERS viewers on ITEMS titles; the same seed gives the same."""
    rng = np.random.default_rng([seed, USERS, ITEMS])
    tastes = rng.integers(0, TASTES, ITEMS)
    born = np.where(rng.random(ITEMS) < 0.5, 0.0, rng.random(ITEMS) * 0.9)
    weights = rng.permutation(np.arange(1, ITEMS + 1) ** -SKEW)
    members = [np.flatnonzero(tastes == taste) for taste in range(TASTES)]
    world = _World(born=born, weights=weights, members=members)
    found = [_viewer(world, rng) for _ in range(USERS)]
    users = np.repeat(np.arange(USERS, dtype=np.int32), [len(items) for items, _ in found])
    items = np.concatenate([items for items, _ in found]).astype(np.int32)
    return Films(
        name=f"generated-{seed}",
        users=users,
        items=items,
        times=np.concatenate([times for _, times in found]),
        content=_content(tastes, rng),
        read=f"generated, seed {seed}: {len(items):,} events of {USERS:,} viewers on {ITEMS:,} titles of {TASTES} "
        f"tastes; the most popular tenth of the titles has {_share_of_top(items):.0%} of the events",
        positive="every event is positive",
        most_choices=MOST_CHOICES,
    )


def _viewer(world: _World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What one viewer takes, and when: distinct titles, in order of time."""
    count = int(np.clip(rng.lognormal(np.log(MEDIAN_HISTORY), SPREAD), 5, 500))
    begin = rng.random() * 0.9
    times = np.sort(begin + rng.random(count) * min(1 - begin, 0.4))
    follows = rng.integers(0, TASTES, AT_A_TIME)
    items = np.empty(count, dtype=np.int64)
    moves, faithful, which = rng.random(count) < MOVES, rng.random(count) < FAITHFUL, rng.integers(0, AT_A_TIME, count)
    for at, time in enumerate(times):
        if moves[at]:
            follows[which[at]] = (follows[which[at]] + rng.choice([-1, 1])) % TASTES
        among = world.members[follows[which[at]]] if faithful[at] else slice(None)
        items[at] = _drawn(world, among, time, rng)
    kept = items >= 0
    _, first = np.unique(items[kept], return_index=True)
    order = np.sort(first)
    return items[kept][order], times[kept][order]


def _drawn(world: _World, among: np.ndarray | slice, time: float, rng: np.random.Generator) -> int:
    """A title that is out by then, the new ones more often; −1 where none is."""
    age = time - world.born[among]
    chances = np.cumsum(np.where(age >= 0, world.weights[among] * (1 + np.exp(-age / FRESH)), 0.0))
    if not len(chances) or chances[-1] == 0:
        return -1
    place = int(np.searchsorted(chances, rng.random() * chances[-1], side="right"))
    return place if isinstance(among, slice) else int(among[place])


def _content(tastes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    of_taste = np.zeros((TASTES, GENRES), dtype=np.float32)
    of_taste[np.arange(TASTES)[:, None], rng.integers(0, GENRES, (TASTES, 2))] = 1
    rows = of_taste[tastes] * (rng.random((len(tastes), GENRES)) < 0.9)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1), dtype=np.float32)


def _share_of_top(items: np.ndarray) -> float:
    counts = np.sort(np.bincount(items, minlength=ITEMS))
    return float(counts[-ITEMS // 10 :].sum() / counts.sum())
