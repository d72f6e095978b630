"""Kindred itself, and what is left of it when one part is taken away.

Everything is at its defaults, as `train` uses them; a row of the table says what it changes. Scores are those of
serving: the candidates alone, recency off, because strong generalisation hides items regardless of their time.
"""

from dataclasses import replace

import numpy as np

from kindred.engine.pool import Threads
from kindred.recommender import scorer
from kindred.recommender.fit import fit as fit_model
from kindred.recommender.ranking import Ranker
from kindred.recommender.settings import Settings

DEFAULTS = Settings()
NEGLIGIBLE = 1e9


def kbr(x, content, seed, **changes):
    return _fit(x, content, seed, settings=replace(DEFAULTS, **changes))


def random_blocks(x, content, seed):
    return _fit(x, content, seed, settings=DEFAULTS, labels=_shuffled)


def no_blocks(x, content, seed):
    return _fit(x, content, seed, settings=replace(DEFAULTS, block=1), labels=lambda items, _: np.arange(items))


def no_tastes(x, content, seed):
    return _fit(x, content, seed, settings=replace(DEFAULTS, taste_ridge=NEGLIGIBLE))


def no_content(x, _content, seed):
    return _fit(x, None, seed, settings=DEFAULTS)


def _shuffled(items, seed):
    blocks = max(8, round(items / DEFAULTS.items_per_cluster))
    return np.random.default_rng([seed, items]).permutation(items) % blocks


def _fit(x, content, seed, *, settings, labels=None):
    given = None if labels is None else labels(len(np.unique(x.indices)), seed).astype(np.int32)
    rng = np.random.default_rng(seed)
    model = fit_model(x, content=content, settings=settings, rng=rng, pool=Threads(1), labels=given)
    ranker = Ranker(model)

    def score(histories):
        scores = np.full(histories.shape, -np.inf)
        for row in range(histories.shape[0]):
            numbers = histories.indices[histories.indptr[row] : histories.indptr[row + 1]].astype(np.int64)
            candidates, figures = ranker.candidates(scorer.history(numbers, recency=0.0))
            scores[row, candidates] = figures
        return scores

    return score
