"""The recommender's fit as a job runs it: from its newest checkpoint on, until it is done or asked to stop."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kindred.algorithms import recommender_checkpoints as checkpoints
from kindred.algorithms.recommender_material import Material
from kindred.contract.port import Job
from kindred.engine.pool import Threads
from kindred.engine.stopping import Heeding, Stopped
from kindred.recommender import assembly
from kindred.recommender.fit import stages
from kindred.recommender.given import Given, given
from kindred.recommender.model import Model
from kindred.recommender.positives import matrix
from kindred.recommender.progress import Progress
from kindred.recommender.settings import Settings

EVERY_S = 5.0
"""While blocks are solved a checkpoint is kept so often; after the embedding and the clusters at once."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """The model, and how far its fit came: None where it came to its end, else a sentence for a person."""

    model: Model
    unfinished: str | None


def fitted(job: Job, material: Material, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> Fitted:
    """Fit block ridge to the material. Raises UserError where there is no positive."""
    liked = material.liked
    shape = (len(material.read.interactions.user_ids), len(material.read.catalogue.ids))
    x = matrix(liked.users, liked.items, shape=shape)
    one = given(x, content=material.about.features, settings=settings, earlier=material.earlier)
    reached = _reached(job, one, material.read.fingerprint, clock=clock)
    [model] = threads(job).map(lambda so_far: assembly.model(one, so_far), [reached])
    return Fitted(model=model, unfinished=_unfinished(one, reached))


def _reached(job: Job, one: Given, fingerprint: str, *, clock: Callable[[], float]) -> Progress:
    keeper = checkpoints.keeper(job, one, fingerprint=fingerprint)
    reached = checkpoints.newest(keeper)
    due = clock() + EVERY_S
    try:
        for found in stages(one, reached, rng=chance(job), pool=pool(job)):
            reached = found
            if not reached.parts or clock() >= due:
                checkpoints.offer(keeper, reached)
                due = clock() + EVERY_S
    except Stopped:
        pass
    checkpoints.offer(keeper, reached)
    keeper.keep()
    return reached


def _unfinished(one: Given, reached: Progress) -> str | None:
    if reached.embedding is None:
        return "the job was asked to stop before anything was learnt but which items are popular: these are the answers"
    share = assembly.share(one, reached)
    if share == 1:
        return None
    return (
        f"the job was asked to stop: of the items, {share:.0%} have the weights of their blocks; the others are ranked "
        "by taste alone"
    )


def chance(job: Job) -> np.random.Generator:
    """Return a generator at its beginning: whoever takes one is not moved by what others draw."""
    return np.random.default_rng(job.hyperparameters["seed"])


def threads(job: Job) -> Threads:
    """Return the job's threads, for what has to be done even once it was asked to stop."""
    return Threads(job.threads)


def pool(job: Job) -> Heeding:
    """Return the job's threads, whose tasks raise Stopped once it was asked to stop."""
    return Heeding(threads(job), job.stop.is_set)
