"""Catalogues that nobody has watched yet: an ensemble of clusterings of the metadata, asked with numpy alone.

An item's score is exp(mean over clusterings of the log lift of its cluster in the history) × votes^0.7.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from kindred.recommender.scorer import Contributions, History
from kindred.recommender.singly import Singly
from kindred.recommender.typing import Doubles, Floats, Numbers, Positions

SMOOTHING = 20.0
VOTES_POWER = 0.7


@dataclass(frozen=True, kw_only=True)
class Ensemble:
    """n items, c clusterings, f features.

    labels int32 (c, n): each clustering's cluster of each item, numbered through all clusterings. shares float32
    (clusters,): a cluster's share of the votes within its clustering. clusters int32 (n,): the clustering that people
    see, from 0. votes float32 (n,), ≥ 1. popularity float32 (n,). content float32 (n, f), the rows clustered. centroids
    float32 (K, f): those of the clusters that people see.
    """

    labels: Numbers
    shares: Floats
    clusters: Numbers
    votes: Floats
    popularity: Floats
    content: Floats
    centroids: Floats


ARRAYS = tuple(field.name for field in fields(Ensemble))


class Judges:
    """An ensemble, ready to be asked: the `Scorer` of a catalogue without viewers."""

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble
        self.prior = ensemble.votes.astype(np.float64) ** VOTES_POWER

    @property
    def clusters(self) -> Numbers:
        """The cluster that people see, int32 (n,)."""
        return self.ensemble.clusters

    @property
    def popularity(self) -> Floats:
        """The fallback's score, float32 (n,)."""
        return self.ensemble.popularity

    def candidates(self, given: History) -> tuple[Positions, Doubles]:
        """Return every item and its score."""
        everything = np.arange(self.ensemble.labels.shape[1])
        return everything, self.scores(given, everything)

    def scores(self, given: History, numbers: Positions) -> Doubles:
        """Return the scores of these items, float64 (c,)."""
        lift = self._log_lift(given)
        scores: Doubles = np.exp(lift[self.ensemble.labels[:, numbers]].mean(axis=0)) * self.prior[numbers]
        return scores

    def contributions(self, given: History, numbers: Positions) -> Contributions:
        """Return each score, shared among the history by how many clusterings put item and history together."""
        ours = self.ensemble.labels[:, given.numbers]
        theirs = self.ensemble.labels[:, numbers]
        together = (ours[:, :, None] == theirs[:, None, :]).mean(axis=0) * given.weights[:, None]
        together = together + 1e-9 * given.weights[:, None]
        shares = together / together.sum(axis=0)
        return Contributions(local=np.zeros_like(shares), taste=shares * self.scores(given, numbers))

    def together(self, given: Sequence[History]) -> Singly:
        """Return these histories, one after another: each is scored against the whole catalogue."""
        return Singly(self, given)

    def similar(self, item: int, numbers: Positions) -> Doubles:
        """Return half the share of clusterings that put these items with this one, half the metadata's cosine."""
        labels = self.ensemble.labels
        together = (labels[:, numbers] == labels[:, [item]]).mean(axis=0)
        likeness: Doubles = 0.5 * together + 0.5 * self._cosines(self.ensemble.content[item], numbers)
        return likeness

    def like(self, features: Floats, numbers: Positions) -> Doubles:
        """Return the cosine of the metadata."""
        return self._cosines(features, numbers)

    def cluster_of(self, features: Floats) -> int:
        """Return the nearest cluster of those that people see."""
        return int(np.argmin(np.square(self.ensemble.centroids - features).sum(axis=1)))

    def _log_lift(self, given: History) -> Doubles:
        """log(share of the history in a cluster / share of the votes there), smoothed, float64 (clusters,)."""
        counts = np.zeros(len(self.ensemble.shares))
        np.add.at(
            counts, self.ensemble.labels[:, given.numbers].ravel(), np.tile(given.weights, len(self.ensemble.labels))
        )
        prior = np.maximum(self.ensemble.shares.astype(np.float64), 1e-12)
        shares = (counts + SMOOTHING * prior) / (given.weights.sum() + SMOOTHING)
        lift: Doubles = np.log(shares / prior)
        return lift

    def _cosines(self, row: Floats, numbers: Positions) -> Doubles:
        rows = self.ensemble.content[numbers]
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(row)
        return np.asarray((rows @ row) / np.maximum(lengths, 1e-12), dtype=np.float64)
