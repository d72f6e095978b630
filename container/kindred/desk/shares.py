"""In which clusters histories lie, and how much of each."""

from collections.abc import Sequence

import numpy as np

from kindred.desk.response import ClusterShare
from kindred.desk.stock import Stock
from kindred.recommender.scorer import History

MOST_CLUSTERS = 3


def of_histories(stock: Stock, histories: Sequence[History]) -> list[list[ClusterShare]]:
    """Return of each history the clusters that hold most of its weight, the largest first; of equal ones the lower."""
    if not histories:
        return []
    clusters = stock.scorer.clusters[np.concatenate([one.numbers for one in histories])]
    weights = np.concatenate([one.weights for one in histories])
    whose = np.repeat(np.arange(len(histories)), [len(one.numbers) for one in histories])
    placed = clusters >= 0
    count = len(stock.facts.labels)
    sums = np.bincount(
        whose[placed] * count + clusters[placed], weights=weights[placed], minlength=count * len(histories)
    ).reshape(-1, count)
    # Added one by one, so that a history's sum is the same in any company.
    wholes = np.maximum(np.cumsum(sums, axis=1)[:, -1:], np.finfo(np.float64).tiny)
    parts = sums / wholes
    largest = np.argsort(-parts, axis=1, kind="stable")[:, :MOST_CLUSTERS]
    weighed = parts[np.arange(len(histories))[:, None], largest]
    return [
        [share(stock, cluster, weight) for cluster, weight in zip(row, each, strict=True) if weight > 0]
        for row, each in zip(largest.tolist(), weighed.tolist(), strict=True)
    ]


def share(stock: Stock, cluster: int, weight: float) -> ClusterShare:
    """Return the share as it is told."""
    return ClusterShare(cluster=cluster, label=stock.facts.labels[cluster], weight=round(weight, 4))
