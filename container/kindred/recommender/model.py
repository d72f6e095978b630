"""A fitted model as arrays: all that ranking needs, in the form in which it is stored."""

from dataclasses import dataclass, fields

from kindred.recommender.typing import Floats, Numbers, Positions


@dataclass(frozen=True, kw_only=True)
class Model:
    """n items, width d, h items in the head, K₁ tastes, f content features. Every array may be a read-only map.

    score_j(history) = Σ_i c_i W_ij + (Σ_i c_i Φ_i)·V_j

    block_starts int64 (n + 1,), block_targets int32, block_weights float32: row i of W, the items j it pulls and how
    hard. profiles float32 (n, d): Φ, what an item tells of its viewer. tastes float32 (n, d): V, what an item asks of
    one. strengths float32 (d,): S, so that Φ∘S spans the space of the clusters. head int32 (h,), ascending: the items
    that taste alone may bring up. clusters int32 (n,): an item's taste, −1 for none. centroids float32 (K₁, d), unit
    rows. popularity float32 (n,): the fallback's score, ≥ 0. content_map float32 (f, 2d): metadata → [Φ | V].
    """

    block_starts: Positions
    block_targets: Numbers
    block_weights: Floats
    profiles: Floats
    tastes: Floats
    strengths: Floats
    head: Numbers
    clusters: Numbers
    centroids: Floats
    popularity: Floats
    content_map: Floats


ARRAYS = tuple(field.name for field in fields(Model))
