"""Implicit ALS (Hu, Koren and Volinsky 2008) by the library `implicit`; a new user's factors are solved exactly."""

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from scipy import sparse

GRID = {"factors": (32, 64, 128), "regularization": (5.0, 10.0, 20.0, 40.0), "alpha": (1.0, 3.0, 5.0, 10.0)}


def fit(given, seed, *, factors, regularization, alpha):
    model = AlternatingLeastSquares(factors, regularization, alpha, iterations=15, num_threads=1, random_state=seed)
    model.fit(sparse.csr_matrix(given.x), show_progress=False)

    def score(histories):
        users = model.recalculate_user(np.arange(histories.shape[0]), sparse.csr_matrix(histories))
        return users @ model.item_factors.T

    return score
