"""BPR (Rendle et al. 2009) by the library `implicit`.

It cannot fold in a new user, so it is trained again with the histories among its users: more than any other model here
is told, in the peer's favour.
"""

from implicit.cpu.bpr import BayesianPersonalizedRanking
from scipy import sparse

GRID = {
    "factors": (16, 32, 64),
    "learning_rate": (0.005, 0.01),
    "regularization": (0.01, 0.03),
    "iterations": (50, 100),
}


def fit(given, seed, *, factors, learning_rate, regularization, iterations):
    def score(histories):
        model = BayesianPersonalizedRanking(
            factors, learning_rate, regularization, iterations=iterations, num_threads=1, random_state=seed
        )
        model.fit(sparse.csr_matrix(sparse.vstack([given.x, histories])), show_progress=False)
        return model.user_factors[given.x.shape[0] :] @ model.item_factors.T

    return score
