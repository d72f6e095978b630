"""The fit of k-means block ridge: embedding, clusters, blocks, tastes, head; docs/4-the-model.md tells the story."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kindred.engine.pool import Threads
from kindred.errors import UserError
from kindred.recommender import clusters, cold, gram, neighbourhoods
from kindred.recommender.blocks import Pieces, Solution, solve
from kindred.recommender.embedding import Embedding, embed
from kindred.recommender.model import Model
from kindred.recommender.positives import scale_rows, user_shards, user_weights
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Doubles, Floats, Numbers, Positions, Sparse

SHARD_INTERACTIONS = 2_000_000
FULL_HEAD = 5_000
HEAD_SHARE = 0.2
LARGEST_HEAD = 20_000


def fit(
    x: Sparse,
    *,
    content: Floats | None,
    settings: Settings,
    rng: np.random.Generator,
    pool: Threads,
    labels: Numbers | None = None,
) -> Model:
    """Return the model of X, csr float32 (users, n) of ones, and F, float32 (n, f) or None.

    Items without a positive take part through their metadata alone, or not at all where there is none. `labels` int32
    (items with positives,) stand in for the block clusters: the ablations use it. Its `popularity` is log(1 + count).
    Raises UserError where X holds nothing. Same inputs and seed, same bits, whatever the number of threads.
    """
    counts = np.bincount(x.indices, minlength=x.shape[1]).astype(np.float64)
    warm = np.flatnonzero(counts)
    if not len(warm):
        raise UserError("there is no positive interaction to learn from")

    def whole(_: int) -> Model:
        described = None if content is None else content[warm]
        fitted = _fit_warm(_columns(x, warm), described, settings, rng=rng, pool=pool, labels=labels)
        return _with_cold(fitted, warm, counts, content, settings)

    # One task of the pool, so that BLAS keeps to one thread all the way: a QR of a few hundred rows is many times
    # faster so, and sums keep their order on a machine of any size.
    return pool.map(whole, [0])[0]


@dataclass(frozen=True, kw_only=True)
class _Warm:
    """The fit over items that have positives, before the others join."""

    solution: Solution
    profiles: Floats
    strengths: Floats
    clusters: Numbers
    centroids: Floats


def _fit_warm(
    x: Sparse,
    content: Floats | None,
    settings: Settings,
    *,
    rng: np.random.Generator,
    pool: Threads,
    labels: Numbers | None,
) -> _Warm:
    counts: Doubles = np.bincount(x.indices, minlength=x.shape[1]) + np.float64(1.0)
    embedding = _embedding(x, counts, settings, rng=rng, pool=pool)
    space = clusters.block_space(embedding.rows, content, content_share=settings.content_share)
    if labels is None:
        labels = clusters.of_blocks(space, settings, rng=rng, pool=pool)
    tastes = clusters.of_tastes(embedding.rows, settings, rng=rng, pool=pool)
    profiles = counts[:, None] ** -settings.item_damping * embedding.directions
    pieces = _pieces(x, profiles, content, settings, pool=pool)
    found = neighbourhoods.blocks(space, labels, _centroids(space, labels), size=settings.block, pool=pool)
    solution = _lift(solve(found, pieces, keep=settings.keep, pool=pool), counts**settings.popularity_lift)
    return _Warm(
        solution=solution,
        profiles=profiles.astype(np.float32),
        strengths=embedding.strengths.astype(np.float32),
        clusters=tastes.labels,
        centroids=tastes.centroids,
    )


def _embedding(x: Sparse, counts: Doubles, settings: Settings, *, rng: np.random.Generator, pool: Threads) -> Embedding:
    per_user = np.maximum(np.diff(x.indptr), 1).astype(np.float64)
    damped = scale_rows(x, per_user ** (-settings.user_damping / 2))
    damped.data *= (counts**-settings.item_damping).astype(np.float32)[damped.indices]
    shards = user_shards(damped, interactions=SHARD_INTERACTIONS)
    return embed(shards, settings.width, power_passes=settings.power_passes, rng=rng, pool=pool)


def _pieces(x: Sparse, profiles: Doubles, content: Floats | None, settings: Settings, *, pool: Threads) -> Pieces:
    weights = user_weights(x, damping=settings.user_damping)
    g = gram.gram(x, weights, content=content, content_weight=settings.content_weight)
    penalties = settings.ridge + settings.ridge_growth * g.diagonal
    shards = user_shards(scale_rows(x, np.sqrt(weights)), interactions=SHARD_INTERACTIONS)
    crossed = gram.times(g, shards, profiles.astype(np.float32), pool=pool)
    taste = profiles.T @ crossed
    penalty = settings.taste_ridge * (profiles.T * penalties) @ profiles
    system = (taste + taste.T) / 2 + penalty + 1e-6 * np.eye(profiles.shape[1])
    return Pieces(gram=g, penalties=penalties, profiles=profiles, crossed=crossed, taste_system=system)


def _centroids(space: Floats, labels: Numbers) -> Floats:
    """Unit centroids of the labels as they are, float32 (k, d): labels may come from outside."""
    items = len(labels)
    one_hot = sparse.csc_array((np.ones(items), labels, np.arange(items + 1)), shape=(int(labels.max()) + 1, items))
    return clusters.unit_rows((one_hot @ space).astype(np.float32))


def _lift(solution: Solution, factors: Doubles) -> Solution:
    narrow = factors.astype(np.float32)
    weights = solution.weights
    weights.data *= narrow[weights.indices]
    return Solution(weights=weights, tastes=solution.tastes * narrow[:, None])


def _with_cold(warm: _Warm, numbers: Positions, counts: Doubles, content: Floats | None, settings: Settings) -> Model:
    """Spread the warm items over all numbers, and give the others what their metadata promises."""
    items, width = len(counts), warm.profiles.shape[1]
    both = np.zeros((items, 2 * width), dtype=np.float32)
    both[numbers] = np.hstack([warm.profiles, warm.solution.tastes])
    content_map = np.zeros((0, 2 * width), dtype=np.float32)
    labels = np.full(items, -1, dtype=np.int32)
    labels[numbers] = warm.clusters
    if content is not None:
        content_map = cold.fit_map(content[numbers], both[numbers], ridge=settings.cold_ridge)
        others = np.flatnonzero(counts == 0)
        both[others] = content[others] @ content_map
        labels[others] = _nearest(both[others, :width] * warm.strengths, warm.centroids)
    profiles, tastes = np.ascontiguousarray(both[:, :width]), np.ascontiguousarray(both[:, width:])
    starts, targets = _spread(warm.solution.weights, numbers, items)
    return Model(
        block_starts=starts,
        block_targets=targets,
        block_weights=warm.solution.weights.data,
        profiles=profiles,
        tastes=tastes,
        strengths=warm.strengths,
        head=_head(tastes),
        clusters=labels,
        centroids=warm.centroids,
        popularity=np.log1p(counts).astype(np.float32),
        content_map=content_map,
    )


def _nearest(rows: Floats, centroids: Floats) -> Numbers:
    labels: Numbers = np.argmax(rows @ centroids.T, axis=1).astype(np.int32)
    labels[~rows.any(axis=1)] = -1
    return labels


def _spread(weights: Sparse, numbers: Positions, items: int) -> tuple[Positions, Numbers]:
    lengths = np.zeros(items, dtype=np.int64)
    lengths[numbers] = np.diff(weights.indptr)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return starts, numbers[weights.indices].astype(np.int32)


def _head(tastes: Floats) -> Numbers:
    items = len(tastes)
    size = min(items, max(FULL_HEAD, min(LARGEST_HEAD, round(HEAD_SHARE * items))))
    strongest = np.argsort(-np.linalg.norm(tastes, axis=1), kind="stable")[:size]
    return np.sort(strongest).astype(np.int32)


def _columns(x: Sparse, numbers: Positions) -> Sparse:
    return x if len(numbers) == x.shape[1] else x[:, numbers]


def with_popularity(model: Model, popularity: Floats) -> Model:
    """Return the model with another fallback, float32 (n,), ≥ 0."""
    return replace(model, popularity=popularity)
