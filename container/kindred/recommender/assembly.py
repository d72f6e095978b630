"""A model of what a fit has found so far, whether it came to its end or not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from kindred.recommender import cold, head, projection
from kindred.recommender.blocks import Part, Solution, solution
from kindred.recommender.clusters import unit_rows
from kindred.recommender.embedding import Embedding
from kindred.recommender.given import Given
from kindred.recommender.model import Model
from kindred.recommender.progress import Groups, Progress
from kindred.recommender.typing import Floats, Numbers, Positions


def model(one: Given, so_far: Progress) -> Model:
    """Return a whole model. Its `popularity` is log(1 + count).

    Items of unsolved blocks pull nothing through W and are asked for by their taste alone, as the embedding knows it.
    Where tastes were not found all items are of one. Before there is an embedding the most popular items answer.
    """
    if so_far.embedding is None:
        return _popular(one)
    groups = so_far.groups or _ungrouped(so_far.embedding)
    found = _lifted(one, _solution(one, so_far, so_far.embedding))
    profiles = (one.damped[:, None] ** -one.settings.item_damping * so_far.embedding.directions).astype(np.float32)
    return _with_cold(one, profiles, so_far.embedding.strengths.astype(np.float32), found, groups)


def whole(one: Given, parts: Sequence[Part]) -> Solution:
    """Return W and V of the warm items, of every block's part, as a model has them."""
    return _lifted(one, solution(parts, np.zeros((len(one.warm), parts[0].tastes.shape[1]), dtype=np.float32)))


def share(one: Given, so_far: Progress) -> float:
    """Return the share of the warm items whose block is solved."""
    return sum(len(part.members) for part in so_far.parts) / len(one.warm)


def with_popularity(model: Model, popularity: Floats) -> Model:
    """Return the model with another fallback, float32 (n,), ≥ 0."""
    return replace(model, popularity=popularity)


def _popular(one: Given) -> Model:
    """Every item tells the same of its viewer, and is asked for by how many it had."""
    items = len(one.counts)
    popularity = np.log1p(one.counts).astype(np.float32)
    return Model(
        block_starts=np.zeros(items + 1, dtype=np.int64),
        block_targets=np.zeros(0, dtype=np.int32),
        block_weights=np.zeros(0, dtype=np.float32),
        profiles=np.ones((items, 1), dtype=np.float32),
        tastes=popularity[:, None],
        strengths=np.ones(1, dtype=np.float32),
        head=head.longest(popularity[:, None], head.usual(items)),
        clusters=np.zeros(items, dtype=np.int32),
        centroids=np.ones((1, 1), dtype=np.float32),
        popularity=popularity,
        content_map=np.zeros((0 if one.content is None else one.content.shape[1], 2), dtype=np.float32),
    )


def _ungrouped(embedding: Embedding) -> Groups:
    nowhere = np.zeros(len(embedding.directions), dtype=np.int32)
    middle = unit_rows(unit_rows(embedding.rows).mean(axis=0, keepdims=True))
    return Groups(blocks=nowhere, tastes=nowhere, centroids=middle)


def _solution(one: Given, so_far: Progress, embedding: Embedding) -> Solution:
    if share(one, so_far) < 1:
        return solution(so_far.parts, projection.tastes(one, embedding))
    return solution(so_far.parts, np.zeros(embedding.directions.shape, dtype=np.float32))


def _lifted(one: Given, found: Solution) -> Solution:
    narrow = (one.damped**one.settings.popularity_lift).astype(np.float32)
    weights = found.weights.copy()
    weights.data *= narrow[weights.indices]
    return Solution(weights=weights, tastes=found.tastes * narrow[:, None])


def _with_cold(one: Given, profiles: Floats, strengths: Floats, found: Solution, groups: Groups) -> Model:
    """Spread the warm items over all numbers, and give the others what their metadata promises."""
    items, width = len(one.counts), profiles.shape[1]
    both = np.zeros((items, 2 * width), dtype=np.float32)
    both[one.warm] = np.hstack([profiles, found.tastes])
    content_map = np.zeros((0, 2 * width), dtype=np.float32)
    labels = np.full(items, -1, dtype=np.int32)
    labels[one.warm] = groups.tastes
    if one.content is not None:
        content_map = cold.fit_map(one.content[one.warm], both[one.warm], ridge=one.settings.cold_ridge)
        others = np.flatnonzero(one.counts == 0)
        both[others] = one.content[others] @ content_map
        labels[others] = _nearest(both[others, :width] * strengths, groups.centroids)
    profiles, tastes = np.ascontiguousarray(both[:, :width]), np.ascontiguousarray(both[:, width:])
    starts, targets = _spread(found.weights, one.warm, items)
    return Model(
        block_starts=starts,
        block_targets=targets,
        block_weights=found.weights.data,
        profiles=profiles,
        tastes=tastes,
        strengths=strengths,
        head=head.longest(tastes, head.usual(items)),
        clusters=labels,
        centroids=groups.centroids,
        popularity=np.log1p(one.counts).astype(np.float32),
        content_map=content_map,
    )


def _nearest(rows: Floats, centroids: Floats) -> Numbers:
    labels: Numbers = np.argmax(rows @ centroids.T, axis=1).astype(np.int32)
    labels[~rows.any(axis=1)] = -1
    return labels


def _spread(weights: sparse.csr_array, numbers: Positions, items: int) -> tuple[Positions, Numbers]:
    lengths = np.zeros(items, dtype=np.int64)
    lengths[numbers] = np.diff(weights.indptr)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return starts, numbers[weights.indices].astype(np.int32)
