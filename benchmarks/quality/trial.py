"""One split: choose a model's settings on validation users, fit on all training users, ask about the hidden ones."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.quality.films import Films
from kindred.recommender import metrics
from kindred.recommender.protocols import Split, strong

K = 100
SHORT = 20
HIDDEN = 0.2

Fit = Callable[..., Callable[[Any], np.ndarray]]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A name, how to fit it, and the settings to choose from: every combination of the grid is tried.

    A model that draws lots is fitted with `seeds` of them, and its figures are means: no lucky draw is reported.
    """

    name: str
    fit: Fit
    grid: Mapping[str, Sequence[Any]]
    seeds: int = 1


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one model reached in one split.

    asked: the hidden users, numbered alike in all splits. ndcg: float64 (seeds, asked); recall and coverage: means.
    seconds: what one fit and the scoring took with the settings chosen.
    """

    asked: np.ndarray
    ndcg: np.ndarray
    recall: float
    coverage: float
    settings: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The hidden users of one split, and a split of its training users for choosing settings, both with content."""

    test: Split
    test_content: np.ndarray
    validation: Split
    validation_content: np.ndarray


def prepare(films: Films, *, seed: int) -> Trial:
    rng = np.random.default_rng(seed)
    test = _hide(films.users, films.items, films.times, rng)
    train = test.train
    validation = _hide(train.users, train.items, train.times, rng)
    content = films.content[test.items]
    return Trial(test=test, test_content=content, validation=validation, validation_content=content[validation.items])


def run(model: Model, trial: Trial) -> Outcome:
    settings = _choose(model, trial)
    test = trial.test
    start = time.perf_counter()
    lists = [rank(model.fit, test, trial.test_content, settings, seed=seed) for seed in range(model.seeds)]
    seconds = (time.perf_counter() - start) / model.seeds
    return Outcome(
        asked=test.asked,
        ndcg=np.array([metrics.ndcg(ranked, test.targets, k=K) for ranked in lists]),
        recall=float(np.mean([metrics.recall(ranked, test.targets, k=SHORT) for ranked in lists])),
        coverage=float(np.mean([metrics.coverage(ranked, items=len(test.items), k=SHORT) for ranked in lists])),
        settings=settings,
        seconds=seconds,
    )


def hindsight(model: Model, trials: Sequence[Trial]) -> float:
    """Return the mean NDCG of the settings that would have been best on the hidden users themselves: an upper bound."""
    figures = [
        np.mean([_mean_ndcg(model.fit, trial.test, trial.test_content, settings) for trial in trials])
        for settings in choices_of(model)
    ]
    return float(max(figures))


def choices_of(model: Model) -> list[dict[str, Any]]:
    return [dict(zip(model.grid, values, strict=True)) for values in itertools.product(*model.grid.values())]


def rank(fit: Fit, split: Split, content: np.ndarray, settings: Mapping[str, Any], *, seed: int) -> np.ndarray:
    """Return the first K items for every user asked about, int (asked, K), nothing from the history; ties by number."""
    shape = (len(split.users), len(split.items))
    x = matrix(split.train.users, split.train.items, shape)
    asked = np.repeat(np.arange(len(split.asked)), [len(one) for one in split.histories])
    histories = matrix(asked, np.concatenate(split.histories), (len(split.asked), shape[1]))
    scores = np.array(fit(x, content, seed, **settings)(histories), dtype=np.float64)
    scores[histories.nonzero()] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :K]


def matrix(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


def _hide(users: np.ndarray, items: np.ndarray, times: np.ndarray, rng: np.random.Generator) -> Split:
    return strong(users, items, times=times, heldout=round(HIDDEN * len(np.unique(users))), rng=rng)


def _choose(model: Model, trial: Trial) -> Mapping[str, Any]:
    """Return the settings best in validation; nothing is fitted where there is one choice."""
    choices = choices_of(model)
    if len(choices) == 1:
        return choices[0]
    figures = [_mean_ndcg(model.fit, trial.validation, trial.validation_content, settings) for settings in choices]
    return choices[int(np.argmax(figures))]


def _mean_ndcg(fit: Fit, split: Split, content: np.ndarray, settings: Mapping[str, Any]) -> float:
    ranked = rank(fit, split, content, settings, seed=0)
    return float(metrics.ndcg(ranked, split.targets, k=K).mean())
