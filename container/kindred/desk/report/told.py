"""What the report tells, as values: figures, sentences, clusters and the points of the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kindred.desk.papers import ClusterRow
from kindred.recommender.typing import Floats, Numbers


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """The titles of the map, one entry a title, most popular first.

    places float32 (m, 2), in any unit; clusters int32 (m,), ≥ 0; popularity float32 (m,), ≥ 0.
    """

    titles: Sequence[str]
    places: Floats
    clusters: Numbers
    popularity: Floats


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A hyperparameter: what was asked, and what that came to where training chose itself ("" elsewhere)."""

    name: str
    asked: str
    chosen: str
    meaning: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """All of the report. Where a number is 0 there was nothing of the kind; `positive` counts interactions.

    `story` are sentences of how the model came about; `reasons` say what training chose by itself and why; `judged`
    says why the metrics are these, or why there are none.
    metrics: `test:name` and `popularity:name` → figure. `points` are drawn from all titles, and `likeness` says what
    those have in common that stand together. `version` is Kindred's.
    """

    titles: int
    viewers: int
    interactions: int
    positive: int
    story: Sequence[str]
    reasons: Sequence[str]
    judged: str
    metrics: Mapping[str, float]
    warnings: Sequence[str]
    clusters: Sequence[ClusterRow]
    points: Points
    likeness: str
    choices: Sequence[Choice]
    version: str
