"""What it costs to spread an answer over tastes: one model, asked with `diversity` from 0 to 1."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.quality import ours
from benchmarks.quality.trial import Trial, given_of
from kindred.recommender import choosing, metrics
from kindred.recommender.ranking import Ranker
from kindred.recommender.scorer import history

STRENGTHS = (0.0, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0)
N = 10


@dataclass(frozen=True, kw_only=True)
class Step:
    """Means over the users of all splits, of lists of N: NDCG and its standard error of the difference to strength 0,
    hit rate, coverage, 1 − cosine of the metadata over a list's pairs, and the number of tastes in a list.
    """

    strength: float
    ndcg: float
    error: float
    hit_rate: float
    coverage: float
    diversity: float
    tastes: float


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A model of one split, and the histories with what serving would choose from."""

    trial: Trial
    ranker: Ranker
    pools: Sequence[choosing.Chosen]


def measured(trials: Sequence[Trial]) -> list[Step]:
    asked = [_asked(one) for one in trials]
    usual = np.concatenate([_ndcg(one, _lists(one, STRENGTHS[0])) for one in asked])
    return [_step(asked, strength, usual) for strength in STRENGTHS]


def _asked(trial: Trial) -> _Asked:
    given = given_of(trial.test, trial.test_content)
    settled = ours.settle(given, timed=len(trial.protocol.recencies) > 1)
    ranker = ours.ranker_of(given, 0, settings=replace(ours.DEFAULTS, ridge=settled["ridge"]))
    pools = [_pool(ranker, one.astype(np.int64), recency=settled["recency"]) for one in trial.test.histories]
    return _Asked(trial=trial, ranker=ranker, pools=pools)


def _pool(ranker: Ranker, seen: np.ndarray, *, recency: float) -> choosing.Chosen:
    numbers, scores = choosing.without(*ranker.candidates(history(seen, recency=recency)), seen)
    return choosing.best(numbers, scores, n=choosing.POOL, id_ranks=np.arange(len(ranker.clusters)))


def _lists(asked: _Asked, strength: float) -> np.ndarray:
    clusters = asked.ranker.clusters
    spread = [choosing.diverse(one, clusters, n=N, strength=strength) for one in asked.pools]
    return np.stack([np.pad(one.numbers, (0, N - len(one.numbers)), constant_values=-1) for one in spread])


def _ndcg(asked: _Asked, ranked: np.ndarray) -> np.ndarray:
    return metrics.ndcg(ranked, asked.trial.test.targets, k=N)


def _step(asked: Sequence[_Asked], strength: float, usual: np.ndarray) -> Step:
    lists = [_lists(one, strength) for one in asked]
    pairs = list(zip(asked, lists, strict=True))
    ndcg = np.concatenate([_ndcg(one, ranked) for one, ranked in pairs])
    tests = [(one.trial.test, one.trial.test_content, ranked) for one, ranked in pairs]
    hits = [metrics.hit_rate(ranked, test.targets, k=N) for test, _, ranked in tests]
    return Step(
        strength=strength,
        ndcg=float(ndcg.mean()),
        error=float((ndcg - usual).std(ddof=1) / len(ndcg) ** 0.5),
        hit_rate=float(np.concatenate(hits).mean()),
        coverage=float(np.mean([metrics.coverage(ranked, items=len(test.items), k=N) for test, _, ranked in tests])),
        diversity=float(np.concatenate([metrics.diversity(ranked, rows, k=N) for _, rows, ranked in tests]).mean()),
        tastes=float(np.mean([len(np.unique(one.ranker.clusters[row])) for one, ranked in pairs for row in ranked])),
    )
