"""From scores to an answer's order: the best n, ties by id, and, on request, spread over clusters."""

from dataclasses import dataclass

import numpy as np

from kindred.recommender.typing import Doubles, Flags, Numbers, Positions

POOL = 100
"""Diversity chooses among so many of the best, or among n where that is more."""

_MARKS = 1 << 12


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Item numbers int64 (n,), best first, and their scores float64 (n,), never rising."""

    numbers: Positions
    scores: Doubles


def best(numbers: Positions, scores: Doubles, *, n: int, id_ranks: Numbers) -> Chosen:
    """Return the n best; equal scores fall to the lower id_ranks[number]."""
    if 0 < n < len(numbers):
        floor = np.partition(scores, len(scores) - n)[len(scores) - n]
        kept = scores >= floor
        numbers, scores = numbers[kept], scores[kept]
    order = np.lexsort((id_ranks[numbers], -scores))[:n]
    return Chosen(numbers=numbers[order], scores=scores[order])


def without(numbers: Positions, scores: Doubles, dropped: Positions) -> tuple[Positions, Doubles]:
    """Return both arrays without the dropped numbers."""
    if not len(dropped):
        return numbers, scores
    # Most numbers share their last bits with none that is dropped, and need no closer look.
    marked = np.zeros(_MARKS, dtype=np.bool_)
    marked[dropped & (_MARKS - 1)] = True
    alike = np.flatnonzero(marked[numbers & (_MARKS - 1)])
    ordered = np.sort(dropped)
    nearest = np.minimum(np.searchsorted(ordered, numbers[alike]), len(ordered) - 1)
    kept: Flags = np.ones(len(numbers), dtype=np.bool_)
    kept[alike[ordered[nearest] == numbers[alike]]] = False
    return numbers[kept], scores[kept]


def diverse(pool: Chosen, clusters: Numbers, *, n: int, strength: float) -> Chosen:
    """Return n of the pool, greedily: each pick costs its cluster's other items `strength` × the pool's score range.

    The scores returned are those after the cost, so they never rise either.
    """
    span = float(pool.scores[0] - pool.scores[-1]) if len(pool.scores) else 0.0
    if span == 0.0:
        return Chosen(numbers=pool.numbers[:n], scores=pool.scores[:n])
    left = pool.scores.copy()
    labels = clusters[pool.numbers]
    picks, scores = [], []
    for _ in range(min(n, len(left))):
        pick = int(np.argmax(left))
        picks.append(pick)
        scores.append(left[pick])
        left[labels == labels[pick]] -= strength * span
        left[pick] = -np.inf
    return Chosen(numbers=pool.numbers[picks], scores=np.array(scores))
