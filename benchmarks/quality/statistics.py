"""Is one model better than another, user by user?"""

from collections.abc import Sequence

import numpy as np

from benchmarks.quality.trial import Outcome


def paired_t(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> float:
    """Return Student's paired t of NDCG over distinct users; a user hidden in several splits counts once, by the mean,
    and so does one judged with several seeds. 0 where the two never differ.
    """
    users = np.concatenate([one.asked for one in ours])
    gains = np.concatenate(
        [one.ndcg.mean(axis=0) - other.ndcg.mean(axis=0) for one, other in zip(ours, theirs, strict=True)]
    )
    times = np.bincount(users)
    means = np.bincount(users, weights=gains)[times > 0] / times[times > 0]
    error = means.std(ddof=1) / np.sqrt(len(means))
    return float(means.mean() / error) if error else 0.0


def over_splits(outcomes: Sequence[Outcome]) -> tuple[float, float | None]:
    """Return the mean of the splits' mean NDCG, and the standard deviation between splits, None for one split."""
    means = [one.ndcg.mean() for one in outcomes]
    return float(np.mean(means)), float(np.std(means, ddof=1)) if len(means) > 1 else None


def over_seeds(outcomes: Sequence[Outcome]) -> float | None:
    """Return the standard deviation between seeds of the mean over the splits; None with one seed."""
    means = np.mean([one.ndcg.mean(axis=1) for one in outcomes], axis=0)
    return float(means.std(ddof=1)) if len(means) > 1 else None
