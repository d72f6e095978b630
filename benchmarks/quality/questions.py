"""The protocols as values: how positives are hidden, what is measured, and which weights of recency are tried."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kindred.recommender import metrics, protocols
from kindred.recommender.protocols import Split

HIDDEN = 0.2
RECENCIES = (0.0, 0.5, 0.75, 1.0, 1.25)

Hide = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], Split]
Figure = Callable[[np.ndarray, Split, np.ndarray], float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Protocol:
    """How to hide positives, and what to ask for.

    known: of each split the share of the positives, oldest first, that have happened by then; the rest is out of sight.
    NDCG@k decides; `figures` are means beside it, by name. recencies: the ρ that every model that can weigh a history
    may choose from. `told` is a paragraph for the page.
    """

    name: str
    title: str
    hide: Hide
    known: Sequence[float]
    k: int
    figures: Mapping[str, Figure]
    recencies: Sequence[float]
    told: str


def _held_out(users: np.ndarray, items: np.ndarray, times: np.ndarray, rng: np.random.Generator) -> Split:
    heldout = round(HIDDEN * len(np.unique(users)))
    return protocols.strong(users, items, times=times, heldout=heldout, rng=rng)


def _next(users: np.ndarray, items: np.ndarray, times: np.ndarray, _rng: np.random.Generator) -> Split:
    return protocols.next_item(users, items, times=times)


def _later(users: np.ndarray, items: np.ndarray, times: np.ndarray, _rng: np.random.Generator) -> Split:
    return protocols.of_returning(protocols.global_time(users, items, times=times))


def _recall_at_20(ranked: np.ndarray, split: Split, _content: np.ndarray) -> float:
    return float(metrics.recall(ranked, split.targets, k=20).mean())


def _hit_rate_at_10(ranked: np.ndarray, split: Split, _content: np.ndarray) -> float:
    return float(metrics.hit_rate(ranked, split.targets, k=10).mean())


def _coverage(k: int) -> Figure:
    return lambda ranked, split, _content: metrics.coverage(ranked, items=len(split.items), k=k)


def _diversity_at_10(ranked: np.ndarray, _split: Split, content: np.ndarray) -> float:
    return float(metrics.diversity(ranked, content, k=10).mean())


IN_TIME: Mapping[str, Figure] = {
    "hit rate@10": _hit_rate_at_10,
    "coverage@10": _coverage(10),
    "diversity@10": _diversity_at_10,
}

STRONG = Protocol(
    name="P1",
    title="P1: users never seen before",
    hide=_held_out,
    known=(1.0, 1.0, 1.0),
    k=100,
    figures={"Recall@20": _recall_at_20, "coverage@20": _coverage(20)},
    recencies=(0.0,),
    told=(
        f"Strong generalisation (Liang et al. 2018). Of the users with at least 5 positives a random {HIDDEN:.0%} are "
        "hidden; of their positives 80 % fold in and 20 % are asked for, regardless of time, so recency is off. Users "
        "with fewer take no part."
    ),
)
NEXT = Protocol(
    name="P2",
    title="P2: the next item",
    hide=_next,
    known=(1.0,),
    k=10,
    figures=IN_TIME,
    recencies=RECENCIES,
    told=(
        "Each user's last positive is asked for, all before it is the history. Other users' later choices are still "
        "there to learn from: this compares models, and is no forecast."
    ),
)
LATER = Protocol(
    name="P3",
    title="P3: what comes after a moment",
    hide=_later,
    known=(1.0, 0.9, 0.8, 0.7, 0.6),
    k=10,
    figures=IN_TIME,
    recencies=RECENCIES,
    told=(
        "One moment cuts the last tenth of the positives off; who was there before is asked about it. Nobody's future "
        "is seen: the first split is what `train` reports. The others stand earlier, as if only 90, 80, 70 and 60 % of "
        "the positives, oldest first, had happened. No positive is asked about twice."
    ),
)
PROTOCOLS = (STRONG, NEXT, LATER)
