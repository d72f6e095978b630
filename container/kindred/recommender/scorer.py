"""What answering needs of a fitted model, whatever it was fitted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kindred.recommender.typing import Doubles, Floats, Numbers, Positions


@dataclass(frozen=True, kw_only=True)
class History:
    """What somebody chose: numbers int64 (m,), oldest first, without repeats; weights float64 (m,), above 0."""

    numbers: Positions
    weights: Doubles


@dataclass(frozen=True, kw_only=True)
class Contributions:
    """What each item of a history adds to each score, float64 (m, c): through blocks and through tastes."""

    local: Doubles
    taste: Doubles

    @property
    def whole(self) -> Doubles:
        """Both together; a column sums to its item's score."""
        return self.local + self.taste


class Together(Protocol):
    """Histories that are asked at once; each is answered to the bit as if it were alone."""

    def reach(self, most: Sequence[int], dropped: Sequence[Positions]) -> list[tuple[Positions, Doubles]]:
        """Return of each history's candidates, without those dropped, the best, int64 (c,), and their scores, float64.

        There are its `most` ≥ 1 best and all that score as the last of them within 2^-18 of that; others may be there.
        dropped: an int64 array of numbers for each history.
        """

    def contributions(self, numbers: Sequence[Positions]) -> list[Contributions]:
        """Return what each item of each history adds to the score of these items, int64 (c,) without repeats."""


class Scorer(Protocol):
    """A fitted model, ready to be asked; read-only, shared by threads and workers.

    clusters int32 (n,): an item's cluster, −1 for none. popularity float32 (n,), ≥ 0.
    """

    @property
    def clusters(self) -> Numbers: ...  # noqa: D102

    @property
    def popularity(self) -> Floats: ...  # noqa: D102

    def candidates(self, given: History) -> tuple[Positions, Doubles]:
        """Return the items worth ranking, int64 (c,), and their scores, float64 (c,)."""

    def scores(self, given: History, numbers: Positions) -> Doubles:
        """Return the scores of exactly these items, int64 (c,) without repeats, as float64 (c,)."""

    def contributions(self, given: History, numbers: Positions) -> Contributions:
        """Return what each item of the history adds to the score of these items."""

    def together(self, given: Sequence[History]) -> Together:
        """Return these histories, at least one, ready to be asked at once."""

    def similar(self, item: int, numbers: Positions) -> Doubles:
        """Return the likeness of these items, int64 (c,), to the item, float64 (c,)."""

    def like(self, features: Floats, numbers: Positions) -> Doubles:
        """Return the likeness of these items to one known by metadata alone, F's row float32 (f,), float64 (c,)."""

    def cluster_of(self, features: Floats) -> int:
        """Return the cluster of an item known by metadata alone, F's row float32 (f,)."""


def history(numbers: Positions, *, recency: float) -> History:
    """Return the history with weights rank^-recency, rank 1 the newest; a repeated item counts where it is newest."""
    kept = list(dict.fromkeys(numbers[::-1].tolist()))
    weights = np.arange(1, len(kept) + 1, dtype=np.float64) ** -recency
    return History(numbers=np.array(kept[::-1], dtype=np.int64), weights=weights[::-1])
