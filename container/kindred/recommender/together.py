"""Many histories asked of k-means block ridge at once: one pass over all they pull, and few items scored in vain."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from kindred.recommender.choosing import without
from kindred.recommender.model import Model
from kindred.recommender.scorer import Contributions, History
from kindred.recommender.typing import Doubles, Flags, Floats, Numbers, Positions

BUCKETS = 1 << 12
"""Of a history's targets those that share their last bits share a bucket."""

SLACK = 1e-4
"""What rounding may add to a score, as a share of the largest that it can be."""

NEAR = 2.0**-16
"""Scores so near to the last that is wanted, as a share of it, may be settled to the same."""

NOISE = float(np.finfo(np.float32).tiny)
"""The same where the last that is wanted is about 0, of which a share is nothing."""

LEAST = float(np.finfo(np.float64).min)
"""Below every score but that of what is left out."""

LEVELS = 8
"""Where the head has so many items for each that is wanted, the best of columns will do as a floor."""


class Laid(Protocol):
    """A model as a `Ranker` has laid it out. head int64 (h,), head_tastes float32 (h, d), place_in_head int32 (n,)."""

    model: Model
    head: Positions
    head_tastes: Floats
    place_in_head: Numbers

    def lengths(self, numbers: Numbers) -> Floats:
        """Return the lengths of these items' V, float32 (c,)."""


class Gathered:
    """Histories and all that their rows of W hold, ready to be asked at once: the `Together` of block ridge.

    Of the histories, one after another: weights float64 (m,) and rows of Φ, told float32 (m, d); bounds int64
    (count + 1,), where each begins; profiles, Σ c_i Φ_i of each, float32 (d,). Of their rows of W: targets int32 (e,),
    pulls float64 (e,), weighted; edges int64 (m + 1,) and held int64 (count + 1,), where a row's and a history's begin.
    """

    def __init__(self, laid: Laid, given: Sequence[History]) -> None:
        self.laid = laid
        self.count, self.items = len(given), len(laid.place_in_head)
        self.bounds = _edges([len(one.numbers) for one in given])
        self.weights = np.concatenate([one.weights for one in given])
        numbers = np.concatenate([one.numbers for one in given])
        self.edges, self.targets, self.pulls = pulled(laid.model, numbers, self.weights)
        self.held = self.edges[self.bounds]
        self.told = laid.model.profiles[numbers]
        narrow = self.weights.astype(np.float32)
        spans = list(zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True))
        self.profiles = [narrow[begin:end] @ self.told[begin:end] for begin, end in spans]

    def reach(self, most: Sequence[int], dropped: Sequence[Positions]) -> list[tuple[Positions, Doubles]]:
        """Return of each history's candidates, the dropped left out, at least the `most` best: see `Together`."""
        spans = list(pairwise(self.held.tolist()))
        return [self._reached(*each) for each in zip(spans, self.profiles, most, dropped, strict=True)]

    def contributions(self, numbers: Sequence[Positions]) -> list[Contributions]:
        """Return what each item of each history adds to the scores of its own items, int64 (c,) without repeats."""
        widths = np.array([len(one) for one in numbers])
        edges = _edges((self.bounds[1:] - self.bounds[:-1]) * widths)
        found = self._local(numbers, widths, edges)
        told = self.told * self.weights[:, None].astype(np.float32)
        each = []
        for place, ours in enumerate(numbers):
            rows = told[self.bounds[place] : self.bounds[place + 1]]
            taste = (rows @ self.laid.model.tastes[ours].T).astype(np.float64)
            each.append(Contributions(local=found[edges[place] : edges[place + 1]].reshape(taste.shape), taste=taste))
        return each

    def _reached(
        self, span: tuple[int, int], profile: Floats, wanted: int, away: Positions
    ) -> tuple[Positions, Doubles]:
        targets, pulls = self.targets[slice(*span)], self.pulls[slice(*span)]
        columns = self.laid.place_in_head[targets] + 1
        # What lies outside the head falls into a column before it.
        whole = _sums(columns, pulls, minlength=len(self.laid.head) + 1)
        whole[self.laid.place_in_head[away] + 1] = -np.inf
        scores = whole[1:]
        scores += self.laid.head_tastes @ profile
        least = floor(scores, wanted)
        kept = (scores >= least).nonzero()[0]
        entries = (columns == 0).nonzero()[0]
        further = self._outside(targets[entries], pulls[entries], profile, least)
        if further is None:
            return self.laid.head[kept], scores[kept]
        numbers, above = without(*further, away)
        return np.concatenate([self.laid.head[kept], numbers]), np.concatenate([scores[kept], above])

    def _outside(
        self, targets: Numbers, pulls: Doubles, profile: Floats, least: float
    ) -> tuple[Positions, Doubles] | None:
        """What lies outside the head and may come up to the floor, and its scores; None where nothing may.

        |V_j||p| bounds V_j·p, and what all of a bucket pull up bounds what one of its items is pulled.
        """
        buckets = targets & (BUCKETS - 1)
        reach = _sums(buckets, np.maximum(pulls, 0.0), minlength=1)[buckets]
        reach += self.laid.lengths(targets) * (math.sqrt(float(profile @ profile)) * (1 + SLACK))
        kept = (reach >= least).nonzero()[0]
        if not len(kept):
            return None
        numbers, which = np.unique(targets[kept].astype(np.int64), return_inverse=True)
        return numbers, _sums(which, pulls[kept]) + _products(self.laid.model.tastes, numbers, profile)

    def _local(self, numbers: Sequence[Positions], widths: Positions, edges: Positions) -> Doubles:
        """What blocks add: for every history its (m, c), one after another from its edge on, float64."""
        places, flat = np.repeat(np.arange(self.count), widths), np.concatenate(numbers)
        keys = places * self.items + flat
        marked: Flags = np.zeros(self.count * BUCKETS, dtype=np.bool_)
        marked[places * BUCKETS + (flat & (BUCKETS - 1))] = True
        holders = np.repeat(np.arange(self.count), self.held[1:] - self.held[:-1])
        entries = marked[holders * BUCKETS + (self.targets & (BUCKETS - 1))].nonzero()[0]
        wanted = holders[entries] * self.items + self.targets[entries]
        order = keys.argsort()
        column = order[np.minimum(keys[order].searchsorted(wanted), len(keys) - 1)] if len(keys) else wanted
        same = (keys[column] == wanted).nonzero()[0]
        column, entries = column[same], entries[same]
        whose, row = holders[entries], self.edges[1:].searchsorted(entries, side="right")
        slots = edges[whose] + (row - self.bounds[whose]) * widths[whose] + column - _edges(widths)[whose]
        return _sums(slots, self.pulls[entries], minlength=int(edges[-1]))


def pulled(model: Model, numbers: Positions, weights: Doubles) -> tuple[Positions, Numbers, Doubles]:
    """Return the entries of these rows of W, int64 (m,), one row after another; weights float64 (m,).

    They are: where each row begins and, last, where all end, int64 (m + 1,); targets int32 (e,); pulls, weighted,
    float64 (e,).
    """
    starts = model.block_starts[numbers]
    lengths = model.block_starts[numbers + 1] - starts
    edges = _edges(lengths)
    flat = np.repeat(starts - edges[:-1], lengths)
    flat += np.arange(len(flat))
    pulls: Doubles = np.multiply(model.block_weights[flat], np.repeat(weights, lengths), dtype=np.float64)
    return edges, model.block_targets[flat], pulls


def _edges(sizes: Sequence[int] | Positions) -> Positions:
    """Where parts of these sizes begin that stand one after another and, last, where all end, int64 (parts + 1,)."""
    edges = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=edges[1:])
    return edges


def _sums(places: Positions | Numbers, weights: Doubles, *, minlength: int = 0) -> Doubles:
    """The sums at each place, added in the order in which they come."""
    return np.asarray(np.bincount(places, weights=weights, minlength=minlength), dtype=np.float64)


def floor(scores: Doubles, wanted: int) -> float:
    """A score that so many reach, or a little less; the least there is where fewer are left."""
    rows = len(scores) // (LEVELS * wanted)
    columns = scores[: rows * LEVELS * wanted].reshape(rows, -1).max(axis=0) if rows > 1 else scores
    if wanted > len(columns):
        return LEAST
    found = float(np.partition(columns, len(columns) - wanted)[len(columns) - wanted])
    return max(found - abs(found) * NEAR - NOISE, LEAST)


def _products(tastes: Floats, numbers: Positions, profile: Floats) -> Floats:
    """V_j·p. Rows go four by four through such a product: filled up to that, each is multiplied as it is among all."""
    padded = np.concatenate([numbers, np.repeat(numbers[-1:], -len(numbers) % 4)])
    products: Floats = (tastes[padded] @ profile)[: len(numbers)]
    return products
