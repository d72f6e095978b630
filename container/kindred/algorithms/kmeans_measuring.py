"""How good the clusters are: the built-in's msd and ssd, and figures that no greater k alone improves."""

import contextlib
import math

import numpy as np
from numpy.typing import NDArray

from kindred.algorithms.kmeans_reading import Material
from kindred.clustering import shards
from kindred.clustering.assignment import Sweep, assign, sweep
from kindred.clustering.dispersion import bic, calinski_harabasz, davies_bouldin, dispersion
from kindred.clustering.quality import SAMPLE_ROWS, silhouette
from kindred.contract.port import Job
from kindred.engine.pool import Threads
from kindred.engine.shards import Shards
from kindred.engine.stopping import Heeding, Stopped


def report_epoch(job: Job, material: Material, centroids: NDArray[np.float32]) -> None:
    """Print the figures of the channel `test`, where there is one: what early stopping needs (contract line 80)."""
    if material.test is None or job.stop.is_set():
        return
    with contextlib.suppress(Stopped):
        for name, value in _tested(job, material.test, centroids).items():
            job.report(name, value)


def measured(job: Job, material: Material, centroids: NDArray[np.float32], found: Sweep) -> dict[str, float]:
    """Return all figures by name; `found` is what a sweep over the channel `train` found of the centroids.

    Once the job is asked to stop, only those that take no time.
    """
    figures = _distances(job, "train", material.train, found)
    with contextlib.suppress(Stopped):
        figures |= _indices(job, "train", material.train, centroids, found)
        figures |= {} if material.test is None else _tested(job, material.test, centroids)
    return figures


def _tested(job: Job, test: Shards, centroids: NDArray[np.float32]) -> dict[str, float]:
    found = sweep(test, centroids, pool=_pool(job))
    return _distances(job, "test", test, found) | _indices(job, "test", test, centroids, found)


def _distances(job: Job, channel: str, rows: Shards, found: Sweep) -> dict[str, float]:
    ssd = float(found.squares.sum())
    both = {"msd": ssd / rows.count, "ssd": ssd}
    return {f"{channel}:{name}": both[name] for name in both if name in job.hyperparameters["eval_metrics"]}


def _indices(job: Job, channel: str, rows: Shards, centroids: NDArray[np.float32], found: Sweep) -> dict[str, float]:
    """Those that have a value: a single cluster, or one for each row, has next to none."""
    spread = dispersion(found, centroids)
    figures = {
        "silhouette": _silhouette(job, rows, centroids),
        "calinski_harabasz": calinski_harabasz(spread),
        "davies_bouldin": davies_bouldin(spread),
        "bic": bic(spread),
    }
    return {f"{channel}:{name}": value for name, value in figures.items() if math.isfinite(value)}


def _silhouette(job: Job, rows: Shards, centroids: NDArray[np.float32]) -> float:
    rng, pool = np.random.default_rng(job.hyperparameters["seed"]), _pool(job)
    sample = shards.sample(rows, SAMPLE_ROWS, rng=rng)
    labels, _ = assign(sample, centroids, pool=pool)
    # One task, run by the pool for the sake of its one BLAS thread.
    return pool.map(lambda each: silhouette(each, labels, centroids, rng=rng), [sample])[0]


def _pool(job: Job) -> Heeding:
    return Heeding(Threads(job.threads), job.stop.is_set)
