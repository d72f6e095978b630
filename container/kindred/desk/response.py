"""What the recommender answers. The structs are the schema; empty fields are left out."""

import msgspec


class Contribution(msgspec.Struct, frozen=True, kw_only=True):
    """What an item of the history adds to a score; below 0 where it takes away."""

    item_id: str
    weight: float


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What a score is the sum of: the history's pull within blocks, and the likeness of tastes."""

    block: float
    taste: float


class Recommendation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item: why it is here is in `cluster`, its `label`, and `because`, the history's items that pulled it hardest.

    score = Σ contributions + others + spread = parts.block + parts.taste + spread, within rounding. `contributions` are
    the largest, `others` the sum of all the rest of the history, `spread` what `diversity` took off; 0 is left out.
    """

    item_id: str
    title: str | None = None
    score: float
    cluster: int | None = None
    label: str | None = None
    because: list[str] | None = None
    contributions: list[Contribution] = []
    others: float | None = None
    spread: float | None = None
    parts: Parts | None = None


class ClusterShare(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a history, or of an item, lies in a cluster: `weight` in (0, 1]."""

    cluster: int
    label: str
    weight: float


class Prediction(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One instance's answer; `source` says what it rests on: history, user, item, content or popular.

    `unknown` lists the ids of the request that the model does not know.
    """

    recommendations: list[Recommendation]
    clusters: list[ClusterShare] = []
    source: str
    unknown: list[str] = []
