"""Tastes alone: what the embedding knows of items whose block has not been solved.

It is the ridge of a block that looks at no item (docs/4-the-model.md): weights on the taste coordinates alone, the
item's own among them held at zero, so that its scores stand beside those of solved blocks. With Φ = count^-a V and
diag(n^(-β/2)) X diag(count^-a) ≈ U S V', Φ'GΦ ≈ κ S² and GΦ ≈ κ count^a V S², to which the metadata's share is added:
no pass over X is needed. Without the ridge it is the PureSVD of Cremonesi, Koren & Turrin, "Performance of
recommender algorithms on top-n recommendation tasks" (RecSys 2010).
"""

import numpy as np

from kindred.recommender.embedding import Embedding
from kindred.recommender.given import Given
from kindred.recommender.positives import user_weights
from kindred.recommender.typing import Floats


def tastes(one: Given, embedding: Embedding) -> Floats:
    """Return V float32 (m, d) of every warm item."""
    settings = one.settings
    counts, directions = one.damped[:, None], embedding.directions
    lengths = np.maximum(np.diff(one.x.indptr), 1).astype(np.float64)
    weights = user_weights(one.x, damping=settings.user_damping)
    scale = float((weights * lengths**settings.user_damping).max())  # κ: the same for everybody who liked anything
    own = np.bincount(one.x.indices, np.repeat(weights, np.diff(one.x.indptr)), one.x.shape[1])
    profiles = counts**-settings.item_damping * directions
    squares = scale * np.square(embedding.strengths)
    crossed, taste = counts**settings.item_damping * directions * squares, np.diag(squares)
    if one.told is not None:
        told = one.told.astype(np.float64)
        own += settings.content_weight * np.square(told).sum(axis=1)
        crossed += settings.content_weight * told @ (told.T @ profiles)
        taste += settings.content_weight * (profiles.T @ told) @ (told.T @ profiles)
    penalties = settings.ridge + settings.ridge_growth * own
    system = taste + settings.taste_ridge * (profiles.T * penalties) @ profiles + 1e-6 * np.eye(len(taste))
    free = np.linalg.solve(system, crossed.T)
    alone = np.linalg.solve(system, profiles.T)
    height = np.maximum(np.einsum("md,dm->m", profiles, alone), 1e-12)
    multipliers = np.einsum("md,dm->m", profiles, free) / height
    found: Floats = (free - multipliers * alone).T.astype(np.float32)
    return found
