"""The fit of k-means block ridge: embedding, clusters, blocks, tastes, head; docs/4-the-model.md tells the story."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from scipy import sparse

from kindred.engine.pool import Pool
from kindred.recommender import assembly, clusters, gram, neighbourhoods
from kindred.recommender import embedding as embeddings
from kindred.recommender.assembly import with_popularity
from kindred.recommender.blocks import Block, Pieces, Solution, solve, solve_each
from kindred.recommender.embedding import Embedding
from kindred.recommender.given import Given, given
from kindred.recommender.model import Model
from kindred.recommender.positives import scale_rows, user_shards, user_weights
from kindred.recommender.progress import NOTHING, Groups, Progress
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Doubles, Floats, Numbers, Sparse

__all__ = ["fit", "solutions", "stages", "with_popularity"]

SHARD_INTERACTIONS = 2_000_000

Found = TypeVar("Found")


def fit(
    x: Sparse,
    *,
    content: Floats | None,
    settings: Settings,
    rng: np.random.Generator,
    pool: Pool,
    labels: Numbers | None = None,
) -> Model:
    """Return the model of X, csr float32 (users, n) of ones, and F, float32 (n, f) or None.

    Items without a positive take part through their metadata alone, or not at all where there is none. `labels` int32
    (items with positives,) stand in for the block clusters: the ablations use it. Its `popularity` is log(1 + count).
    Raises UserError where X holds nothing. Same inputs and seed, same bits, whatever the number of threads.
    """
    one = given(x, content=content, settings=settings, blocks=labels)
    found = NOTHING
    for reached in stages(one, NOTHING, rng=rng, pool=pool):
        found = reached
    return _alone(pool, lambda: assembly.model(one, found))


def stages(one: Given, reached: Progress, *, rng: np.random.Generator, pool: Pool) -> Iterator[Progress]:
    """Yield how far the fit has come after the embedding, the clusters, and each block, from `reached` on.

    `rng` is as it was before the first stage: the same end is reached to the bit wherever the fit goes on from. What
    was yielded last when the pool raises Stopped is what there is.
    """
    if assembly.share(one, reached) == 1:
        return
    settings, counts = one.settings, one.damped
    if reached.embedding is None:
        reached = replace(reached, embedding=_alone(pool, lambda: _embedding(one, rng=rng, pool=pool)))
        yield reached
    elif reached.groups is None:
        embeddings.start(len(one.warm), settings.width, rng=rng)  # drawn again, so that the chance that follows is same
    assert reached.embedding is not None
    embedding = reached.embedding
    space = clusters.block_space(embedding.rows, one.described, content_share=settings.content_share)
    if reached.groups is None:
        reached = replace(reached, groups=_alone(pool, lambda: _groups(one, embedding, space, rng=rng, pool=pool)))
        yield reached
    assert reached.groups is not None
    labels, profiles = reached.groups.blocks, counts[:, None] ** -settings.item_damping * embedding.directions
    [each] = _alone(pool, lambda: _pieces(one, profiles, [settings.ridge], pool=pool))
    found = _alone(pool, lambda: _blocks(space, labels, settings, pool=pool))
    parts = list(reached.parts)
    for solved, part in enumerate(solve(found[reached.solved :], each, keep=settings.keep, pool=pool), 1):
        parts.append(part)
        yield replace(reached, parts=parts, solved=reached.solved + solved)


def solutions(
    one: Given, ridges: Sequence[float], *, rng: np.random.Generator, pool: Pool
) -> tuple[Doubles, list[Solution]]:
    """Return Φ, float64 (m, d), and of each λ the whole solution: what `stages` comes to, tastes for people aside.

    All that λ has no part in is done once. Raises Stopped as the pool does.
    """
    settings = one.settings
    embedding = _alone(pool, lambda: _embedding(one, rng=rng, pool=pool))
    space = clusters.block_space(embedding.rows, one.described, content_share=settings.content_share)
    labels = _alone(pool, lambda: clusters.of_blocks(space, settings, rng=rng, pool=pool))
    profiles = one.damped[:, None] ** -settings.item_damping * embedding.directions
    pieces = _alone(pool, lambda: _pieces(one, profiles, ridges, pool=pool))
    found = _alone(pool, lambda: _blocks(space, labels, settings, pool=pool))
    parts = list(zip(*solve_each(found, pieces, keep=settings.keep, pool=pool), strict=True))
    return profiles, [assembly.whole(one, of_one) for of_one in parts]


def _alone(pool: Pool, task: Callable[[], Found]) -> Found:
    """As one task of the pool, so that BLAS keeps to one thread all the way: a QR of a few hundred rows is many times
    faster so, and sums keep their order on a machine of any size.
    """
    return pool.map(lambda _: task(), [0])[0]


def _embedding(one: Given, *, rng: np.random.Generator, pool: Pool) -> Embedding:
    settings = one.settings
    per_user = np.maximum(np.diff(one.x.indptr), 1).astype(np.float64)
    damped = scale_rows(one.x, per_user ** (-settings.user_damping / 2))
    damped.data *= (one.damped**-settings.item_damping).astype(np.float32)[damped.indices]
    shards = user_shards(damped, interactions=SHARD_INTERACTIONS)
    passes = settings.power_passes or embeddings.passes_for(one.x.nnz)
    stride = embeddings.stride_for(one.x.nnz)
    return embeddings.embed(shards, settings.width, power_passes=passes, stride=stride, rng=rng, pool=pool)


def _groups(one: Given, embedding: Embedding, space: Floats, *, rng: np.random.Generator, pool: Pool) -> Groups:
    labels = one.blocks
    if labels is None:
        labels = clusters.of_blocks(space, one.settings, rng=rng, pool=pool)
    earlier = None if one.earlier is None else one.earlier[one.warm]
    tastes = clusters.of_tastes(embedding.rows, one.settings, rng=rng, pool=pool, earlier=earlier)
    return Groups(blocks=labels, tastes=tastes.labels, centroids=tastes.centroids)


def _pieces(one: Given, profiles: Doubles, ridges: Sequence[float], *, pool: Pool) -> list[Pieces]:
    """What the blocks share, for each λ: only the penalties, and what they do to the tastes, depend on it."""
    settings = one.settings
    weights = user_weights(one.x, damping=settings.user_damping)
    g = gram.gram(one.x, weights, content=one.told, content_weight=settings.content_weight)
    shards = user_shards(scale_rows(one.x, np.sqrt(weights)), interactions=SHARD_INTERACTIONS)
    crossed = gram.times(g, shards, profiles.astype(np.float32), pool=pool)
    taste, growth = profiles.T @ crossed, settings.ridge_growth * g.diagonal
    each = []
    for ridge in ridges:
        penalties = ridge + growth
        penalty = settings.taste_ridge * (profiles.T * penalties) @ profiles
        system = (taste + taste.T) / 2 + penalty + 1e-6 * np.eye(profiles.shape[1])
        each.append(Pieces(gram=g, penalties=penalties, profiles=profiles, crossed=crossed, taste_system=system))
    return each


def _blocks(space: Floats, labels: Numbers, settings: Settings, *, pool: Pool) -> list[Block]:
    return list(neighbourhoods.blocks(space, labels, _centroids(space, labels), size=settings.block, pool=pool))


def _centroids(space: Floats, labels: Numbers) -> Floats:
    """Unit centroids of the labels as they are, float32 (k, d): labels may come from outside."""
    items = len(labels)
    one_hot = sparse.csc_array((np.ones(items), labels, np.arange(items + 1)), shape=(int(labels.max()) + 1, items))
    return clusters.unit_rows((one_hot @ space).astype(np.float32))
