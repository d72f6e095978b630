"""Kindred itself, and what is left of it when one part is taken away.

A row of the table says what it changes; the rest is at the defaults, as `train` uses them. Scores are those of serving:
the candidates alone.
"""

from dataclasses import replace

import numpy as np

from kindred.engine.pool import Threads
from kindred.recommender import tuning
from kindred.recommender.fit import fit as fit_model
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import History
from kindred.recommender.settings import Settings

DEFAULTS = Settings()
NEGLIGIBLE = 1e9


def settle(given, *, timed):
    """What `train` would choose, from what may be learnt from alone."""
    train = given.split.train
    chosen = tuning.choose(
        train.users,
        train.items,
        times=train.times if timed else None,
        content=given.content,
        settings=DEFAULTS,
        rng=np.random.default_rng(0),
        pool=Threads(1),
    )
    return {"ridge": chosen.ridge, "recency": chosen.recency}


def kbr(given, seed, **changes):
    return _fit(given, seed, settings=replace(DEFAULTS, **changes))


def random_blocks(given, seed):
    return _fit(given, seed, settings=DEFAULTS, labels=_shuffled)


def no_blocks(given, seed):
    return _fit(given, seed, settings=replace(DEFAULTS, block=1), labels=lambda items, _: np.arange(items))


def no_tastes(given, seed):
    return _fit(given, seed, settings=replace(DEFAULTS, taste_ridge=NEGLIGIBLE))


def no_content(given, seed):
    return _fit(replace(given, content=None), seed, settings=DEFAULTS)


def no_weighting(given, seed):
    return _fit(given, seed, settings=replace(DEFAULTS, user_damping=0.0))


def _shuffled(items, seed):
    blocks = max(8, round(items / DEFAULTS.items_per_cluster))
    return np.random.default_rng([seed, items]).permutation(items) % blocks


def _fit(given, seed, *, settings, labels=None):
    ranker = ranker_of(given, seed, settings=settings, labels=labels)

    def score(histories):
        scores = np.full(histories.shape, -np.inf)
        for row in range(histories.shape[0]):
            part = slice(histories.indptr[row], histories.indptr[row + 1])
            numbers, weights = histories.indices[part].astype(np.int64), histories.data[part].astype(np.float64)
            candidates, figures = ranker.candidates(History(numbers=numbers, weights=weights))
            scores[row, candidates] = figures
        return scores

    return score


def ranker_of(given, seed, *, settings, labels=None):
    """Return the fitted model, ready to be asked; `labels(items, seed)` stand in for the clusters of the blocks."""
    blocks = None if labels is None else labels(len(np.unique(given.x.indices)), seed).astype(np.int32)
    rng = np.random.default_rng(seed)
    return Ranker(fit_model(given.x, content=given.content, settings=settings, rng=rng, pool=Threads(1), labels=blocks))
