"""Is one model better than another, user by user?"""

from collections.abc import Sequence

import numpy as np

from benchmarks.quality.trial import Outcome


def paired_t(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> float:
    """Return Student's paired t of NDCG over distinct users; a user hidden in several splits counts once, by the mean.

    0 where the two never differ.
    """
    users = np.concatenate([one.asked for one in ours])
    gains = np.concatenate([one.ndcg - other.ndcg for one, other in zip(ours, theirs, strict=True)])
    times = np.bincount(users)
    means = np.bincount(users, weights=gains)[times > 0] / times[times > 0]
    error = means.std(ddof=1) / np.sqrt(len(means))
    return float(means.mean() / error) if error else 0.0


def over_splits(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Return the mean of the splits' mean NDCG, and the standard deviation between splits."""
    means = [one.ndcg.mean() for one in outcomes]
    return float(np.mean(means)), float(np.std(means, ddof=1))
