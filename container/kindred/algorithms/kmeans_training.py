"""The story of training k-means: read, choose k, epochs of mini-batches, k of k·x centres, refine, put on the shelf."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from kindred import __version__
from kindred.algorithms.kmeans_measuring import measured, report_epoch
from kindred.algorithms.kmeans_reading import Material, read
from kindred.algorithms.kmeans_serving import CENTROIDS, NAME
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.clustering import epochs, ladder, shards
from kindred.clustering.assignment import Sweep
from kindred.clustering.epochs import Course
from kindred.clustering.minibatch import Centres
from kindred.clustering.reduction import Trials, reduced
from kindred.codecs import csv_rows
from kindred.contract.port import Job, Outcome
from kindred.engine.pool import Threads
from kindred.errors import UserError

AUTO = "auto"

LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "safetensors")

EXTRA_CENTRES = 10
"""x where it is auto, as the built-in algorithm has been seen to take it (contract line 163)."""

MOST_TRIALS, TRIAL_SCORES = 10, 10_000_000
"""Trials of the local loop where they are auto: fewer where a pass of each has many scores of centres to compute."""

LADDER_ROWS = 8192
"""Random rows that k is chosen on where it is auto."""

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Learnt:
    """The centres, how they came about, and what a sweep over all rows found of them, None where there was no time."""

    centroids: NDArray[np.float32]
    found: Sweep | None
    notes: Sequence[str]


def train(job: Job) -> Outcome:
    """Cluster the channel `train` and leave the artefact. Raises UserError for data that cannot be clustered so."""
    material = read(job)
    k, because = _k(job, material)
    learnt = _learnt(job, material, k)
    metrics = {} if learnt.found is None else measured(job, material, learnt.centroids, learnt.found)
    notes = (*material.notes, *because, *learnt.notes)
    _shelve(job, material, learnt, metrics=metrics, notes=notes)
    return Outcome(metrics=metrics, notes=notes)


def _k(job: Job, material: Material) -> tuple[int, Sequence[str]]:
    asked = job.hyperparameters["k"]
    if asked == AUTO:
        return _chosen(job, material)
    if asked > material.train.count:
        raise UserError(f"k is {asked}, but the channel 'train' holds {material.train.count} rows")
    return asked, ()


def _chosen(job: Job, material: Material) -> tuple[int, Sequence[str]]:
    rng = _chance(job, "k")
    rows = shards.sample(material.train, LADDER_ROWS, rng=rng)
    choice = ladder.choose(rows, rng=rng, pool=_pool(job), stopped=job.stop.is_set)
    if not choice.silhouettes:
        return choice.k, (f"k=auto took {choice.k}: there are too few rows to compare numbers of clusters",)
    order = sorted(choice.silhouettes.items(), key=lambda tried: -tried[1])
    told = ", ".join(f"{k} ({value:.3f})" for k, value in order[:3])
    more = "; no more are tried, so give k if there may be" if choice.k == ladder.RUNGS[-1] else ""
    tried = f"{min(choice.silhouettes)} to {max(choice.silhouettes)}"
    return choice.k, (
        f"k=auto took {choice.k} of {tried}: the clusters of {len(rows)} rows stand farthest apart for their width, "
        f"by the mean simplified silhouette; the best were {told}{more}",
    )


def _learnt(job: Job, material: Material, k: int) -> _Learnt:
    course, trials = _course(job, material, k), _trials(job, material, k)
    first = epochs.start(material.train, course, rng=_chance(job, "start"), pool=_pool(job))
    if len(first) < k:
        raise UserError(f"k is {k}, but the channel 'train' holds only {len(first)} rows that differ")
    centroids = _moved(job, material, first, k=k, course=course, trials=trials)
    made = f", of which the best of {trials.count} trials made {k}" if len(first) > k else ""
    notes = [f"mini-batches moved {len(first)} centres{made}"]
    if job.stop.is_set():
        notes.append("the job was asked to stop: the model is whole, but was neither refined nor measured")
        return _Learnt(centroids=centroids, found=None, notes=notes)
    # Old rows are to count less than new ones: passes over all rows would undo that.
    most = 0 if course.half_life else job.hyperparameters["refine_passes"]
    return _refined(job, material, centroids, most=most, notes=notes)


def _moved(
    job: Job, material: Material, first: NDArray[np.float32], *, k: int, course: Course, trials: Trials
) -> NDArray[np.float32]:
    centroids, began, rng = first[:k], time.perf_counter(), _chance(job, "epochs")
    moving = epochs.epochs(material.train, first, course, rng=rng, pool=_pool(job), stopped=job.stop.is_set)
    for epoch, centres in enumerate(moving, 1):
        if not job.stop.is_set():
            _progress(job, epoch, rows=material.train.count, seconds=time.perf_counter() - began)
        if material.test is not None or epoch == course.epochs or job.stop.is_set():
            centroids = _reduced(job, centres, k, trials)
            report_epoch(job, material, centroids)
        began = time.perf_counter()
    return centroids


def _reduced(job: Job, centres: Centres, k: int, trials: Trials) -> NDArray[np.float32]:
    rng = _chance(job, "trials")
    return reduced(centres, k, trials=trials, rng=rng, pool=_pool(job), stopped=job.stop.is_set)


def _refined(
    job: Job, material: Material, centroids: NDArray[np.float32], *, most: int, notes: Sequence[str]
) -> _Learnt:
    rng, pool = _chance(job, "refine"), _pool(job)
    msds = []
    for moved, found in epochs.passes(
        material.train, centroids, most=most, rng=rng, pool=pool, stopped=job.stop.is_set
    ):
        msds.append(float(found.squares.sum()) / material.train.count)
        learnt = _Learnt(centroids=moved, found=found, notes=notes)
    told = f"passes over all rows: {len(msds) - 1}; the mean squared distance was {msds[0]:.6g} and is {msds[-1]:.6g}"
    return _Learnt(centroids=learnt.centroids, found=learnt.found, notes=[*notes, told] if most else notes)


def _course(job: Job, material: Material, k: int) -> Course:
    asked = job.hyperparameters
    return Course(
        count=min(k * _extra(job), material.train.count),
        batch_rows=asked["mini_batch_size"],
        epochs=asked["epochs"],
        half_life=asked["half_life_time_size"],
        seeding=asked["init_method"],
    )


def _trials(job: Job, material: Material, k: int) -> Trials:
    asked = job.hyperparameters
    count = asked["local_lloyd_num_trials"]
    if count == AUTO:
        scores = k * min(k * _extra(job), material.train.count)
        count = min(max(TRIAL_SCORES // scores, 1), MOST_TRIALS)
    return Trials(
        count=count,
        seeding=asked["local_lloyd_init_method"],
        passes=asked["local_lloyd_max_iter"],
        tolerance=asked["local_lloyd_tol"],
    )


def _extra(job: Job) -> int:
    asked = job.hyperparameters["extra_center_factor"]
    return EXTRA_CENTRES if asked == AUTO else int(asked)


def _progress(job: Job, epoch: int, *, rows: int, seconds: float) -> None:
    """The built-in's own lines (contract line 77)."""
    done = 100 * epoch / job.hyperparameters["epochs"]
    LOGGER.info("#progress_metric: host=%s, completed %.1f %% of epochs", job.host, done)
    throughput = rows / max(seconds, 1e-9)
    LOGGER.info("#throughput_metric: host=%s, train throughput=%s records/second", job.host, throughput)


def _shelve(job: Job, material: Material, learnt: _Learnt, *, metrics: dict[str, float], notes: Sequence[str]) -> None:
    k, width = learnt.centroids.shape
    manifest = Manifest(
        algorithm=NAME,
        hyperparameters=dict(job.hyperparameters),
        seed=job.hyperparameters["seed"],
        fingerprint=material.fingerprint,
        versions={"kindred": __version__} | {name: version(name) for name in LIBRARIES},
        metrics=metrics,
        notes=list(notes),
        facts={"k": k, "feature_dim": width, "rows": material.train.count},
    )
    sizes = {} if learnt.found is None else {"sizes": learnt.found.sizes}
    shelf.write(job.model, manifest=manifest, arrays={CENTROIDS: learnt.centroids, **sizes}, strings={})
    if learnt.found is not None:
        (job.output / "clusters.csv").write_bytes(csv_rows.encode(_clusters(learnt.found)))


def _clusters(found: Sweep) -> list[list[str]]:
    """A line a cluster: how many rows it has, which share of all, and how far they are from its centre."""
    msd = found.squares / np.maximum(found.sizes, 1)
    share = found.sizes / found.sizes.sum()
    columns = zip(found.sizes.tolist(), share.tolist(), msd.tolist(), strict=True)
    lines = [[str(number), str(size), f"{part:.6f}", repr(apart)] for number, (size, part, apart) in enumerate(columns)]
    return [["cluster", "size", "share", "msd"], *lines]


def _chance(job: Job, purpose: str) -> np.random.Generator:
    """A stream of chance for each purpose, so that measuring more or less changes nothing else."""
    return np.random.default_rng([job.hyperparameters["seed"], *purpose.encode()])


def _pool(job: Job) -> Threads:
    return Threads(job.threads)
