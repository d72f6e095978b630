"""The same list for everybody: how many training users liked an item."""

import numpy as np

GRID = {}


def fit(given, _seed):
    counts = np.asarray(given.x.sum(axis=0), dtype=np.float64).ravel()
    return lambda histories: np.tile(counts, (histories.shape[0], 1))
