"""How far a fit has come: a value after each stage, from which it goes on, or from which a model is made as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from kindred.recommender.blocks import Part
from kindred.recommender.embedding import Embedding
from kindred.recommender.typing import Floats, Numbers


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Both clusterings of m items: blocks int32 (m,); tastes int32 (m,), with centroids float32 (K₁, d), unit rows."""

    blocks: Numbers
    tastes: Numbers
    centroids: Floats


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What has been found so far, stage by stage; None, or no parts, where the fit has not come so far.

    `parts` are of the first `solved` blocks, which were solved in order; it grows while the fit goes on.
    """

    embedding: Embedding | None = None
    groups: Groups | None = None
    parts: Sequence[Part] = ()
    solved: int = 0


NOTHING = Progress()
