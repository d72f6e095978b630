"""Names that a person would give to clusters: the genres that stand out there, then the years."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from kindred.recommender.content import Group
from kindred.recommender.typing import Doubles, Flags, Floats, Numbers, Positions

MOST_GENRES = 3
LEAST_SHARE = 0.25
LEAST_LIFT = 1.2
SMOOTHING_SHARE = 0.05
SAYING_AS_MUCH = 0.2
"""A further genre stands beside the first where it says at least so much as a share of what that says."""
MOST_OF_A_TITLE = 40
"""Characters of a title in a label."""
MOST_OF_TIME = 0.75
"""Years that hold a larger share of the catalogue's span than this say nothing."""


def genre_names(group: Group, names: Sequence[str], clusters: Numbers, *, k: int, weights: Floats) -> list[list[str]]:
    """Return, for each of k clusters, up to three names whose share there most exceeds their share overall.

    Items count by their weight, float32 (n,), ≥ 0. A name is worthy where items of a quarter of the cluster's weight
    carry it and its lift, smoothed, is at least 1.2; the first says most, and the others not much less. Where none is
    worthy, the most frequent one stands alone.
    """
    items = np.repeat(np.arange(len(clusters)), np.diff(group.offsets))
    placed = clusters[items] >= 0
    counts = np.zeros((k, group.size))
    np.add.at(counts, (clusters[items[placed]], group.codes[placed]), weights[items[placed]].astype(np.float64))
    members = clusters >= 0
    sizes = np.bincount(clusters[members], weights=weights[members], minlength=k)
    overall = counts.sum(axis=0) / max(float(sizes.sum()), 1e-12)
    smoothing = SMOOTHING_SHARE * float(sizes.mean())
    return [_strongest(counts[c], float(sizes[c]), overall, names, smoothing=smoothing) for c in range(k)]


def spans(years: Doubles, clusters: Numbers, *, k: int, weights: Floats) -> list[tuple[int, int] | None]:
    """Return the years between which the middle 80 % of each cluster's weight lies, None where no year is known.

    years float64 (n,) with NaN; weights float32 (n,), ≥ 0.
    """
    return [_middle(years, weights, (clusters == cluster) & np.isfinite(years)) for cluster in range(k)]


def typical(clusters: Numbers, popularity: Floats, *, k: int, most: int) -> list[Positions]:
    """Return each cluster's most popular items, at most so many, int64, best first."""
    order = np.lexsort((np.arange(len(clusters)), -popularity.astype(np.float64)))
    return [order[clusters[order] == cluster][:most] for cluster in range(k)]


def when(span: tuple[int, int] | None, whole: tuple[int, int] | None) -> str | None:
    """Return a cluster's years as a person would say them: a year, a decade, or from when to when.

    None where they tell nothing, because they hold most of the span of the `whole` catalogue.
    """
    if span is None or whole is None:
        return None
    first, last = span
    if first == last:
        return str(first)
    if first // 10 == last // 10:
        return f"{first // 10 * 10}s"
    shared = min(last, whole[1]) - max(first, whole[0])
    return None if shared > MOST_OF_TIME * (whole[1] - whole[0]) else f"{first}–{last}"


def label(names: Sequence[str], years: str | None, titles: Sequence[str]) -> str:
    """Return one line such as "Sci-Fi · Action · 1999–2009"; titles stand in where there is no metadata."""
    parts = [*names, *([years] if years else [])]
    return " · ".join(parts) or " · ".join(map(_short, titles[:2])) or "unlabelled"


def told_apart(labels: Sequence[str], titles: Sequence[Sequence[str]]) -> list[str]:
    """Return the labels with the most typical of its titles behind each that stands more than once."""
    times = Counter(labels)
    return [
        f"{one} · {_short(typical[0])}" if times[one] > 1 and typical and _short(typical[0]) not in one else one
        for one, typical in zip(labels, titles, strict=True)
    ]


def _short(title: str) -> str:
    return title if len(title) <= MOST_OF_A_TITLE else title[: MOST_OF_A_TITLE - 1].rstrip() + "…"


def _middle(years: Doubles, weights: Floats, members: Flags) -> tuple[int, int] | None:
    order = np.argsort(years[members], kind="stable")
    reached = np.cumsum(weights[members][order], dtype=np.float64)
    if not len(reached) or reached[-1] == 0:
        return None
    low, high = np.searchsorted(reached, reached[-1] * np.array([0.1, 0.9]))
    return int(years[members][order[low]]), int(years[members][order[high]])


def _strongest(counts: Doubles, size: float, overall: Doubles, names: Sequence[str], *, smoothing: float) -> list[str]:
    if not counts.any():
        return []
    shares = counts / size
    lifts = (counts + smoothing * overall) / ((size + smoothing) * np.maximum(overall, 1e-12))
    worthy = np.flatnonzero((shares >= LEAST_SHARE) & (lifts >= LEAST_LIFT))
    if not len(worthy):
        return [names[int(np.argmax(counts))]]
    # what is both frequent here and rare elsewhere says most
    said = shares[worthy] * np.log(lifts[worthy])
    order = np.argsort(-said, kind="stable")[:MOST_GENRES]
    return [names[worthy[place]] for place in order if said[place] >= SAYING_AS_MUCH * said[order[0]]]
