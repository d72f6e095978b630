"""Many histories asked at once where there is nothing to be gained by it: one after another."""

from collections.abc import Sequence
from typing import Protocol

from kindred.recommender.choosing import without
from kindred.recommender.scorer import Contributions, History
from kindred.recommender.typing import Doubles, Positions


class Asked(Protocol):
    """The part of a `Scorer` that answers one history."""

    def candidates(self, given: History) -> tuple[Positions, Doubles]: ...  # noqa: D102

    def contributions(self, given: History, numbers: Positions) -> Contributions: ...  # noqa: D102


class Singly:
    """Histories for any scorer: the plain `Together`, which says what the others have to say."""

    def __init__(self, scorer: Asked, given: Sequence[History]) -> None:
        self._scorer = scorer
        self._given = given

    def reach(self, most: Sequence[int], dropped: Sequence[Positions]) -> list[tuple[Positions, Doubles]]:  # noqa: ARG002
        """Return every candidate of each history that is not dropped, int64 (c,), and the scores, float64."""
        found = ((self._scorer.candidates(one), away) for one, away in zip(self._given, dropped, strict=True))
        return [without(numbers, scores, away) for (numbers, scores), away in found]

    def contributions(self, numbers: Sequence[Positions]) -> list[Contributions]:
        """Return what each item of each history adds to the scores of its own items, int64 (c,)."""
        return [self._scorer.contributions(one, ours) for one, ours in zip(self._given, numbers, strict=True)]
