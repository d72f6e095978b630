"""One split: choose a model's settings on validation users, fit on all that is not asked for, ask."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.quality.films import Films, until
from benchmarks.quality.questions import Protocol
from kindred.recommender import metrics
from kindred.recommender.holdout import some
from kindred.recommender.protocols import Split

RECENCY = "recency"
MOST_SCORES = 40_000_000
"""Scores are held for all users asked about at once: of more users and items than that some users are drawn."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a model may learn from: x csr float32 (users, items) of ones, content float32 (items, f) or None, and the
    split that this is the training part of, for models that heed time.
    """

    x: sparse.csr_array
    content: np.ndarray | None
    split: Split


Score = Callable[[Any], np.ndarray]
Fit = Callable[..., Score]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A name, how to fit it, and the settings to choose from: combinations of the grid are tried.

    A model that draws lots is fitted with `seeds` of them, and its figures are means: no lucky draw is reported.
    `weighs` says whether a history's items may have weights; `recencies` stand in for the protocol's. A model that
    chooses its settings itself has `settle(given, timed=…)` instead of a grid. One that holds every item against every
    item can take `most_items`.
    """

    name: str
    fit: Fit
    grid: Mapping[str, Sequence[Any]]
    seeds: int = 1
    weighs: bool = True
    recencies: Sequence[float] | None = None
    settle: Callable[..., Mapping[str, Any]] | None = None
    most_items: int = 1_000_000_000


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one model reached in one split.

    asked: the users, numbered alike in all splits. ndcg: float64 (seeds, asked); figures: means. seconds: what one fit
    and the scoring took with the settings chosen.
    """

    asked: np.ndarray
    ndcg: np.ndarray
    figures: Mapping[str, float]
    settings: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The questions of one split, and those of a split of its training part for choosing settings, both with content.

    most_choices: of a longer grid so many combinations are tried, drawn once, the same for all.
    """

    protocol: Protocol
    test: Split
    test_content: np.ndarray
    validation: Split
    validation_content: np.ndarray
    most_choices: int


def prepare(films: Films, protocol: Protocol, *, number: int) -> Trial:
    """Hide what split `number` of the protocol asks for, and of the rest what settings are chosen by."""
    rng = np.random.default_rng(number)
    films = until(films, protocol.known[number])
    test = _some(protocol.hide(films.users, films.items, films.times, rng), rng)
    validation = _some(protocol.hide(test.train.users, test.train.items, test.train.times, rng), rng)
    content = films.content[test.items]
    return Trial(
        protocol=protocol,
        test=test,
        test_content=content,
        validation=validation,
        validation_content=content[validation.items],
        most_choices=films.most_choices,
    )


def _some(split: Split, rng: np.random.Generator) -> Split:
    return some(split, MOST_SCORES // len(split.items), rng=rng)


def run(model: Model, trial: Trial) -> Outcome:
    protocol, test, content = trial.protocol, trial.test, trial.test_content
    settings = _choose(model, trial)
    start = time.perf_counter()
    lists = [rank(model, test, content, settings, seed=seed, protocol=protocol) for seed in range(model.seeds)]
    seconds = (time.perf_counter() - start) / model.seeds
    return Outcome(
        asked=test.asked,
        ndcg=np.array([metrics.ndcg(ranked, test.targets, k=protocol.k) for ranked in lists]),
        figures={
            name: float(np.mean([figure(ranked, test, content) for ranked in lists]))
            for name, figure in protocol.figures.items()
        },
        settings=settings,
        seconds=seconds,
    )


def hindsight(model: Model, trials: Sequence[Trial]) -> float:
    """Return the mean NDCG of the settings that would have been best on the users asked about: an upper bound."""
    found = [_figures(model, one, one.test, one.test_content) for one in trials]
    return float(max(np.mean([figures[number][1] for figures in found]) for number in range(len(found[0]))))


def choices_of(model: Model, *, most: int) -> list[dict[str, Any]]:
    every = [dict(zip(model.grid, values, strict=True)) for values in itertools.product(*model.grid.values())]
    if len(every) <= most:
        return every
    return [every[number] for number in np.sort(np.random.default_rng(0).choice(len(every), most, replace=False))]


def rank(
    model: Model, split: Split, content: np.ndarray, settings: Mapping[str, Any], *, seed: int, protocol: Protocol
) -> np.ndarray:
    """Return the first items for every user asked about, int (asked, ≥ k), nothing from the history; ties by number."""
    asked = dict(settings)
    recency = asked.pop(RECENCY, 0.0)
    return _ranked(model.fit(given_of(split, content), seed, **asked), split, recency=recency, k=max(protocol.k, 20))


def given_of(split: Split, content: np.ndarray) -> Given:
    """Return what may be learnt from in this split."""
    shape = (len(split.users), len(split.items))
    told = content if content.shape[1] else None
    return Given(x=matrix(split.train.users, split.train.items, shape), content=told, split=split)


def matrix(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


def histories_of(split: Split, *, recency: float) -> sparse.csr_array:
    """Return the weights of every history, csr float32 (asked, items): rank^-ρ, the newest first."""
    lengths = [len(one) for one in split.histories]
    ranks = np.concatenate([np.arange(length, 0, -1, dtype=np.float32) for length in lengths])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    shape = (len(split.asked), len(split.items))
    weights = sparse.csr_array((ranks ** np.float32(-recency), np.concatenate(split.histories), starts), shape=shape)
    weights.sort_indices()
    return weights


def _ranked(score: Score, split: Split, *, recency: float, k: int) -> np.ndarray:
    histories = histories_of(split, recency=recency)
    scores = np.array(score(histories), dtype=np.float64)
    scores[histories.nonzero()] = -np.inf
    k = min(k, scores.shape[1])
    floors = np.partition(scores, scores.shape[1] - k, axis=1)[:, scores.shape[1] - k]
    return np.stack([_first(row, floor, k) for row, floor in zip(scores, floors, strict=True)])


def _first(row: np.ndarray, floor: float, k: int) -> np.ndarray:
    """The k best of a row, of which `floor` is the least; ties by number."""
    reached = np.flatnonzero(row >= floor)
    return reached[np.argsort(-row[reached], kind="stable")[:k]]


def _choose(model: Model, trial: Trial) -> Mapping[str, Any]:
    """Return the settings best in validation; nothing is fitted where there is one choice."""
    if model.settle is not None:
        return model.settle(given_of(trial.test, trial.test_content), timed=len(trial.protocol.recencies) > 1)
    choices = choices_of(model, most=trial.most_choices)
    recencies = _recencies(model, trial.protocol)
    if len(choices) * len(recencies) == 1:
        return choices[0] | _told(recencies[0])
    figures = _figures(model, trial, trial.validation, trial.validation_content)
    return max(figures, key=lambda one: one[1])[0]


def _figures(model: Model, trial: Trial, split: Split, content: np.ndarray) -> list[tuple[dict[str, Any], float]]:
    """The mean NDCG of every combination: each fit is asked with every ρ."""
    found = []
    for settings in choices_of(model, most=trial.most_choices):
        score = model.fit(given_of(split, content), 0, **settings)
        for recency in _recencies(model, trial.protocol):
            ranked = _ranked(score, split, recency=recency, k=trial.protocol.k)
            figure = float(metrics.ndcg(ranked, split.targets, k=trial.protocol.k).mean())
            found.append((settings | _told(recency), figure))
    return found


def _recencies(model: Model, protocol: Protocol) -> Sequence[float]:
    if not model.weighs:
        return (0.0,)
    return protocol.recencies if model.recencies is None else model.recencies


def _told(recency: float) -> dict[str, float]:
    return {RECENCY: recency} if recency else {}
