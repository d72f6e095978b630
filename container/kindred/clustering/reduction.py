"""Many weighted centres become k: Lloyd's loop on the centres themselves, the best of several trials."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kindred.clustering.assignment import assign
from kindred.clustering.lloyd import lloyd, never
from kindred.clustering.minibatch import Centres
from kindred.clustering.seeding import Seeding, seeds
from kindred.engine.pool import Pool

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Trials:
    """How to reduce: so many trials (1 or more), each from seeds of its own, of at most so many passes."""

    count: int
    seeding: Seeding = "kmeans++"
    passes: int = 300
    tolerance: float = 1e-4


def reduced(
    centres: Centres,
    k: int,
    *,
    trials: Trials,
    rng: np.random.Generator,
    pool: Pool,
    stopped: Callable[[], bool] = never,
) -> NDArray[np.float32]:
    """Return k centroids, float32 (k, d), of the K >= k centres: those of the trial whose weighted distances sum least.

    A centre counts by its weight; those of weight 0 are left out unless k need them. Where K is k the centres come
    back as they are. Once `stopped()` the trial under way ends with its pass, and no other begins.
    """
    heavy = _heaviest(centres, k)
    if len(heavy.centroids) == k:
        return heavy.centroids

    def trial(numbered: tuple[int, np.random.Generator]) -> tuple[float, NDArray[np.float32]] | None:
        number, chance = numbered
        # The first is made whatever happens: there has to be a model.
        return None if number and stopped() else _trial(heavy, k, trials, rng=chance, stopped=stopped)

    ended = pool.map(trial, enumerate(rng.spawn(trials.count)))
    return min((found for found in ended if found is not None), key=lambda found: found[0])[1]


def _heaviest(centres: Centres, k: int) -> Centres:
    needed = max(k, int(np.count_nonzero(centres.weights)))
    order = np.sort(np.argsort(-centres.weights, kind="stable")[:needed])
    return Centres(centroids=centres.centroids[order], weights=centres.weights[order])


def _trial(
    centres: Centres, k: int, trials: Trials, *, rng: np.random.Generator, stopped: Callable[[], bool]
) -> tuple[float, NDArray[np.float32]]:
    rows, weights = centres.centroids, centres.weights
    start = rows[seeds(rows, k, rng=rng, pool=_HERE, seeding=trials.seeding, weights=weights)]
    found, _ = lloyd(
        rows, start, rng=rng, pool=_HERE, passes=trials.passes, tolerance=trials.tolerance, weights=weights,
        stopped=stopped,
    )  # fmt: skip
    _, distances = assign(rows, found, pool=_HERE)
    return float(distances @ weights), found


class _Here:
    """The thread that a trial already has: the pool that runs the trials keeps BLAS to one thread."""

    def map(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        return [task(item) for item in items]

    def stream(self, task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        return map(task, items)


_HERE = _Here()
