"""What a job leaves to training: λ, ρ and the size of the head, and what is said of how they were come by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kindred.algorithms.chance import chance
from kindred.algorithms.recommender_material import Material
from kindred.contract.port import Job
from kindred.engine.pool import Pool
from kindred.engine.stopping import Stopped
from kindred.recommender import head, tuning
from kindred.recommender.holdout import Holdout, hold_out
from kindred.recommender.model import Model
from kindred.recommender.settings import Settings
from kindred.recommender.typing import Doubles, Floats, Numbers

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to fit and to answer, and sentences on what was chosen; empty where nothing was left to choose.

    `held` is what the model is judged by in the end: nothing was chosen by it.
    """

    settings: Settings
    recency: float
    held: Holdout
    notes: Sequence[str]


def plan(job: Job, material: Material, *, pool: Pool) -> Plan:
    """Choose λ and ρ where the job says "auto", from what is not held out. Once asked to stop, they are the defaults.

    The choice depends on the data, the hyperparameters and the seed alone: a job that goes on chooses the same again.
    """
    liked = material.liked
    with job.losing_nothing():
        held = hold_out(liked.users, liked.items, times=liked.times, rng=chance(job, "hold out"))
    asked = job.hyperparameters
    settings = Settings(ridge=tuning.RIDGES[0], tastes=asked["tastes"], width=asked["width"], block=asked["block"])
    ridges = tuning.RIDGES if asked["ridge"] == AUTO else (float(asked["ridge"]),)
    recencies = tuning.RECENCIES if asked["recency"] == AUTO and not material.agreed else (material.recency,)
    users, items, times, content = _learnt_from(material, held)
    try:
        found = tuning.choose(
            users,
            items,
            times=times,
            content=content,
            settings=settings,
            rng=chance(job, "defaults"),
            pool=pool,
            ridges=ridges,
            recencies=recencies,
        )
    except Stopped:
        found = tuning.Chosen(ridge=ridges[0], recency=material.recency, because=())
    recency = found.recency if len(recencies) > 1 else material.recency
    return Plan(settings=replace(settings, ridge=found.ridge), recency=recency, held=held, notes=found.because)


def headed(job: Job, material: Material, model: Model, *, recency: float, pool: Pool) -> tuple[Model, str]:
    """Return the model with the head that the job asks for, and a sentence on it.

    Where the job says "auto" it is measured; once asked to stop, it stays as it is.
    """
    asked = job.hyperparameters["head"]
    if asked != AUTO:
        found = head.of_size(model, int(asked))
        return found, f"the head holds {len(found.head):,} items, as asked"
    try:
        measured = head.measured(model, _histories(material), recency=recency, pool=pool)
    except Stopped:
        return model, f"the head holds {len(model.head):,} items, unmeasured: the job was asked to stop"
    items, size = len(model.tastes), len(measured.model.head)
    if size == items:
        return measured.model, f"the head holds all {items:,} items"
    return measured.model, (
        f"the head holds {size:,} of {items:,} items: with what the blocks bring up, {measured.agreement:.1%} of a "
        f"full scan's top {head.DEPTH} for {measured.histories} histories"
    )


def _learnt_from(material: Material, held: Holdout) -> tuple[Numbers, Numbers, Doubles | None, Floats | None]:
    """What is not held out: users, items, times and metadata, numbered by the split where there is one."""
    liked, content = material.liked, material.about.features
    if held.split is None:
        return liked.users, liked.items, liked.times, content
    train = held.split.train
    times = None if liked.times is None else train.times
    return train.users, train.items, times, None if content is None else content[held.split.items]


def _histories(material: Material) -> list[Numbers]:
    """The histories of viewers spread evenly over all, oldest first."""
    liked = material.liked
    order = np.argsort(liked.users, kind="stable")
    users, starts = np.unique(liked.users[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    chosen = np.unique(np.linspace(0, len(users) - 1, min(head.HISTORIES, len(users))).astype(np.int64))
    return [liked.items[order[starts[at] : ends[at]]] for at in chosen]
