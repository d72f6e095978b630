"""Scores of a history under k-means block ridge. This is what `serve` runs: numpy alone."""

from collections.abc import Sequence

import numpy as np

from kindred.recommender.model import Model
from kindred.recommender.scorer import Contributions, History
from kindred.recommender.together import Gathered, pulled
from kindred.recommender.typing import Doubles, Floats, Numbers, Positions


class Ranker:
    """A model with what ranking wants laid out once, so that requests only read: the `Scorer` of block ridge."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.head = model.head.astype(np.int64)
        self.head_tastes = model.tastes[self.head]
        self.place_in_head = np.full(len(model.tastes), -1, dtype=np.int32)
        typical = float(model.popularity.mean(dtype=np.float64))
        self.evidence = model.popularity / (model.popularity + max(typical, 1e-12))
        self.place_in_head[self.head] = np.arange(len(self.head), dtype=np.int32)
        # Zeros that nobody has written to take no memory, and all V would have to be read to fill them at once.
        self._lengths = np.zeros(len(model.tastes), dtype=np.float32)

    @property
    def clusters(self) -> Numbers:
        """The items' tastes, int32 (n,)."""
        return self.model.clusters

    @property
    def popularity(self) -> Floats:
        """The fallback's score, float32 (n,)."""
        return self.model.popularity

    def candidates(self, given: History) -> tuple[Positions, Doubles]:
        """Return the items worth ranking, int64 (c,), and their scores, float64: the head, and all that W pulls up."""
        _, targets, pulls = pulled(self.model, given.numbers, given.weights)
        places = self.place_in_head[targets]
        inside = places >= 0
        profile = self.profile(given)
        scores = (self.head_tastes @ profile).astype(np.float64)
        scores += np.bincount(places[inside], weights=pulls[inside], minlength=len(scores))
        if inside.all():
            return self.head, scores
        outside, which = np.unique(targets[~inside], return_inverse=True)
        further = np.bincount(which, weights=pulls[~inside]) + self.model.tastes[outside] @ profile
        return np.concatenate([self.head, outside]), np.concatenate([scores, further])

    def scores(self, given: History, numbers: Positions) -> Doubles:
        """Return the scores of exactly these items, int64 (c,) without repeats, as float64 (c,)."""
        _, targets, pulls = pulled(self.model, given.numbers, given.weights)
        scores = (self.model.tastes[numbers] @ self.profile(given)).astype(np.float64)
        places, found = _places(targets, numbers)
        scores += np.bincount(places, weights=pulls[found], minlength=len(numbers))
        return scores

    def contributions(self, given: History, numbers: Positions) -> Contributions:
        """Return what each item of the history adds to the score of these items."""
        return Gathered(self, [given]).contributions([numbers])[0]

    def together(self, given: Sequence[History]) -> Gathered:
        """Return these histories, ready to be asked at once."""
        return Gathered(self, given)

    def lengths(self, numbers: Numbers) -> Floats:
        """Return |V_j| of these items, float32 (c,); what was asked for once is kept, in this process."""
        found = self._lengths[numbers]
        unknown = numbers[found == 0]
        if len(unknown):
            self._lengths[unknown] = np.linalg.norm(self.model.tastes[unknown], axis=1)
            found = self._lengths[numbers]
        return found

    def similar(self, item: int, numbers: Positions) -> Doubles:
        """Return likeness, at most 1: half what the item's viewers choose next, half the cosine, held back where few
        have met the other: what two or three viewers have in common is often chance.

        The first half is the score of a history of this item alone, as a share of the best such score.
        """
        alone = History(numbers=np.array([item]), weights=np.ones(1))
        others, pulls = self.candidates(alone)
        strongest = max(float(pulls[others != item].max(initial=0.0)), 1e-12)
        chosen_next = np.clip(self.scores(alone, numbers) / strongest, 0.0, 1.0)
        direction = self.model.profiles[item] * self.model.strengths
        return (0.5 * chosen_next + 0.5 * self._cosines(direction, numbers)) * self.evidence[numbers]

    def like(self, features: Floats, numbers: Positions) -> Doubles:
        """Return the cosine with where the metadata places this item, held back where few have met the other.

        Items known by metadata alone lie exactly where it places them: without that they would crowd out the rest.
        """
        return self._cosines(self._direction(features), numbers) * self.evidence[numbers]

    def cluster_of(self, features: Floats) -> int:
        """Return the taste in which the metadata places this item."""
        return int(np.argmax(self.model.centroids @ self._direction(features)))

    def _direction(self, features: Floats) -> Floats:
        width = len(self.model.strengths)
        return (features @ self.model.content_map)[:width] * self.model.strengths

    def _cosines(self, direction: Floats, numbers: Positions) -> Doubles:
        """Cosines in the space of the clusters; 0 for a row of zeros."""
        rows = self.model.profiles[numbers] * self.model.strengths
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(direction)
        return np.asarray((rows @ direction) / np.maximum(lengths, 1e-12), dtype=np.float64)

    def profile(self, given: History) -> Floats:
        """Return the history's taste profile Σ c_i Φ_i, float32 (d,)."""
        return given.weights.astype(np.float32) @ self.model.profiles[given.numbers]


def _places(targets: Numbers, numbers: Positions) -> tuple[Positions, Positions]:
    """Where among the numbers, distinct, the targets stand that are there; and which targets these are."""
    order = np.argsort(numbers, kind="stable")
    places = np.searchsorted(numbers, targets, sorter=order)
    inside = np.flatnonzero(places < len(numbers))
    there = order[places[inside]]
    found = numbers[there] == targets[inside]
    return there[found], inside[found]
