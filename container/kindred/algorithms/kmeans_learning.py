"""How the centres of k-means come about: mini-batches, k of k·x centres, passes over all rows; from any stage on."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kindred.algorithms import kmeans_checkpoints
from kindred.algorithms.chance import chance
from kindred.algorithms.kmeans_checkpoints import Stage
from kindred.algorithms.kmeans_earlier import Earlier
from kindred.algorithms.kmeans_measuring import report_epoch
from kindred.algorithms.kmeans_plan import Choice, Plan
from kindred.algorithms.kmeans_reading import Material
from kindred.algorithms.resuming import Keeper
from kindred.clustering import epochs, nested
from kindred.clustering.assignment import Sweep
from kindred.clustering.epochs import Refined, Underway
from kindred.clustering.minibatch import Centres, begun
from kindred.clustering.reduction import reduced
from kindred.contract.port import Job
from kindred.engine.pool import Pool, Threads
from kindred.engine.stopping import Heeding, Stopped
from kindred.errors import UserError

STOPPED = "the job was asked to stop: the model is whole, but was neither refined nor measured to the end"

NESTED = (
    "nested samples moved the centres, by split and merge: epochs, mini_batch_size, extra_center_factor and "
    "local_lloyd_* were ignored"
)

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """The centres, how many rows each stands for where old rows count, None elsewhere; how they came about; and what a
    sweep over all rows found of them, None where there was no time."""

    centroids: NDArray[np.float32]
    weights: NDArray[np.float64] | None
    found: Sweep | None
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Task:
    job: Job
    material: Material
    plan: Plan
    keeper: Keeper

    @property
    def pool(self) -> Pool:
        return Heeding(Threads(self.job.threads), self.job.stop.is_set)


def begin(job: Job, material: Material, plan: Plan, *, choice: Choice, earlier: Earlier | None) -> Stage:
    """Return the stage before the first mini-batch. Raises UserError where fewer rows differ than k."""
    if earlier is not None:
        return Stage(choice=choice, underway=Underway(centres=_of(earlier)))
    pool = Heeding(Threads(job.threads), job.stop.is_set)
    first = epochs.start(material.train, plan.course, rng=chance(job, "start"), pool=pool)
    if len(first) < plan.k:
        raise UserError(f"k is {plan.k}, but the channel 'train' holds only {len(first)} rows that differ")
    return Stage(choice=choice, underway=Underway(centres=begun(first)))


def learn(job: Job, material: Material, plan: Plan, *, stage: Stage, keeper: Keeper, earlier: Earlier | None) -> Learnt:
    """Return the centres that follow from the stage; the stages on the way are offered to the keeper.

    Once the job is asked to stop, they are the best so far, and the last stage is kept.
    """
    task = _Task(job=job, material=material, plan=plan, keeper=keeper)
    last, centroids = _refined(task, *_moved(task, stage))
    if job.stop.is_set():
        keeper.keep()
    found = last.refined.found if last.refined else None
    return Learnt(
        centroids=centroids,
        weights=_weights(earlier, last, plan),
        found=found,
        notes=_notes(last, plan, earlier=earlier, stopped=job.stop.is_set()),
    )


def _moved(task: _Task, stage: Stage) -> tuple[Stage, NDArray[np.float32]]:
    """The centroids are empty where the stage is beyond the mini-batches."""
    if stage.refined is not None:
        return stage, stage.refined.centroids
    if task.plan.nested:
        return _grown(task, stage)
    kmeans_checkpoints.offer(task.keeper, stage)
    for after in _epochs(task, stage.underway):
        stage = replace(stage, underway=after)
        kmeans_checkpoints.offer(task.keeper, stage)
        if after.batches == 0 and task.material.test is not None and after.epochs < task.plan.course.epochs:
            report_epoch(task.job, task.material, _reduced(task, after.centres))
    centroids = _reduced(task, stage.underway.centres)
    report_epoch(task.job, task.material, centroids)
    return stage, centroids


def _grown(task: _Task, stage: Stage) -> tuple[Stage, NDArray[np.float32]]:
    """No stage between the first and the passes is kept: the samples are seen again within seconds."""
    rng, first = chance(task.job, "nested"), stage.underway.centres.centroids
    centroids = nested.grown(task.material.train, first, rng=rng, pool=task.pool)
    report_epoch(task.job, task.material, centroids)
    return stage, centroids


def _epochs(task: _Task, underway: Underway) -> Iterator[Underway]:
    job, rows = task.job, task.material.train
    began = time.perf_counter()
    moving = epochs.epochs(rows, underway, task.plan.course, chance=partial(chance, job, "epochs"), pool=task.pool)
    try:
        for after in moving:
            if after.batches == 0:
                _progress(job, after.epochs, rows=rows.count, seconds=time.perf_counter() - began)
            yield after
            if after.batches == 0:
                began = time.perf_counter()
    except Stopped:
        return


def _reduced(task: _Task, centres: Centres) -> NDArray[np.float32]:
    """The pool heeds no stop: k centres are needed even then."""
    job, plan = task.job, task.plan
    rng, pool = chance(job, "trials"), Threads(job.threads)
    return reduced(centres, plan.k, trials=plan.trials, rng=rng, pool=pool, stopped=job.stop.is_set)


def _refined(task: _Task, stage: Stage, centroids: NDArray[np.float32]) -> tuple[Stage, NDArray[np.float32]]:
    for after in _passes(task, stage.refined, centroids):
        stage, centroids = replace(stage, refined=after), after.centroids
        kmeans_checkpoints.offer(task.keeper, stage)
    return stage, centroids


def _passes(task: _Task, refined: Refined | None, centroids: NDArray[np.float32]) -> Iterator[Refined]:
    rows, pool, refining = task.material.train, task.pool, partial(chance, task.job, "refine")
    try:
        if refined is None:
            refined = epochs.swept(rows, centroids, pool=pool)
            yield refined
        yield from epochs.passes(rows, refined, most=task.plan.most_passes, chance=refining, pool=pool)
    except Stopped:
        return


def _of(earlier: Earlier) -> Centres:
    return Centres(centroids=earlier.centroids, weights=earlier.weights)


def _weights(earlier: Earlier | None, last: Stage, plan: Plan) -> NDArray[np.float64] | None:
    """A row counts once, however many epochs saw it; where old rows decay, the mini-batches know best."""
    if earlier is None:
        return None
    if last.refined is None or plan.course.half_life:
        return last.underway.centres.weights
    return earlier.weights + last.refined.found.sizes


def _notes(last: Stage, plan: Plan, *, earlier: Earlier | None, stopped: bool) -> tuple[str, ...]:
    count = len(last.underway.centres.weights)
    made = f", of which the best of {plan.trials.count} trials made {plan.k}" if count > plan.k else ""
    notes = [f"mini-batches moved {count} centres{made}"] if earlier is None else [earlier.note]
    if plan.nested:
        notes = [NESTED]
    if last.refined and plan.most_passes:
        totals, rows = last.refined.totals, last.refined.found.sizes.sum()
        told = f"the mean squared distance was {totals[0] / rows:.6g} and is {totals[-1] / rows:.6g}"
        notes.append(f"passes over all rows: {len(totals) - 1}; {told}")
    return (*notes, STOPPED) if stopped else tuple(notes)


def _progress(job: Job, epoch: int, *, rows: int, seconds: float) -> None:
    """The built-in's own lines (contract line 77)."""
    done = 100 * epoch / job.hyperparameters["epochs"]
    LOGGER.info("#progress_metric: host=%s, completed %.1f %% of epochs", job.host, done)
    throughput = rows / max(seconds, 1e-9)
    LOGGER.info("#throughput_metric: host=%s, train throughput=%s records/second", job.host, throughput)
