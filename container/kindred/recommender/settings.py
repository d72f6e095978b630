"""The settings of k-means block ridge, in the letters of docs/4-the-model.md."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One frozen value; the defaults were chosen by experiment and hold without tuning on the data sets measured.

    user_damping (β): a user of n items weighs n^-β. ridge (λ), ridge_growth (δ): item j is held by λ + δ G_jj.
    content_weight (α_F): weight of the metadata's pseudo-users. content_evidence (m): what they tell of an item that c
    users like is scaled by c / (c + m). item_damping (a), width (d), power_passes (None: as many as pay for so many
    interactions): the embedding. taste_ridge (λ_z): the penalty of the taste part. block (b):
    items a block looks at. keep: weights kept an item. popularity_lift (η): item j's weights are scaled by count^η.
    items_per_cluster, tastes (K₁): how many clusters. size_cap: a cluster over this many times the mean is split.
    cold_ridge: metadata → taste.
    """

    user_damping: float = 0.75
    ridge: float = 100.0
    ridge_growth: float = 1.0
    content_weight: float = 5.0
    content_evidence: float = 3.0
    item_damping: float = 0.25
    width: int = 64
    power_passes: int | None = None
    taste_ridge: float = 0.3
    block: int = 200
    keep: int = 50
    popularity_lift: float = -0.1
    items_per_cluster: int = 54
    tastes: int = 64
    content_share: float = 0.5
    size_cap: float = 3.0
    passes: int = 15
    cold_ridge: float = 10.0
