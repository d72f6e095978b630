"""What the recommender answers. The structs are the schema; empty fields are left out."""

import msgspec


class Recommendation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One item: why it is here is in `cluster` and in `because`, the history's items that pulled it hardest."""

    item_id: str
    title: str | None = None
    score: float
    cluster: int | None = None
    because: list[str] | None = None


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
