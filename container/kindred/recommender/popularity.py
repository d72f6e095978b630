"""What to say to somebody of whom nothing is known."""

import numpy as np

from kindred.recommender.typing import Doubles, Floats

PRIOR_VOTES = 10.0


def scores(counts: Doubles, mean_ratings: Doubles | None) -> Floats:
    """Return a score ≥ 0, float32 (n,): the votes' logarithm times the Bayesian mean rating, where there are ratings.

    counts float64 (n,): events an item. mean_ratings float64 (n,): NaN where an item has none. The prior is the mean
    over all items, held with PRIOR_VOTES votes.
    """
    votes = np.log1p(counts)
    if mean_ratings is None or not np.isfinite(mean_ratings).any():
        return votes.astype(np.float32)
    rated = np.isfinite(mean_ratings)
    overall = np.average(mean_ratings[rated], weights=np.maximum(counts[rated], 1e-9))
    means = np.where(rated, mean_ratings, overall)
    weighted = (counts * means + PRIOR_VOTES * overall) / (counts + PRIOR_VOTES)
    return np.asarray(np.maximum(weighted, 0.0) * votes, dtype=np.float32)
