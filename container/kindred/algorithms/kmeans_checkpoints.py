"""How far k-means has come, as a checkpoint keeps it."""

import hashlib
import logging
from dataclasses import asdict, dataclass

import numpy as np

from kindred import __version__
from kindred.algorithms.kmeans_earlier import Earlier
from kindred.algorithms.kmeans_plan import Choice
from kindred.algorithms.kmeans_reading import Material
from kindred.algorithms.kmeans_serving import NAME
from kindred.algorithms.resuming import Arrays, Keeper
from kindred.artefact.snapshot import Snapshot
from kindred.clustering.assignment import Sweep
from kindred.clustering.epochs import Refined, Underway
from kindred.clustering.minibatch import Centres
from kindred.contract.port import Job
from kindred.engine.shards import Shards

EVERY_S = 30.0
"""Within an epoch a checkpoint is kept so often; at the end of each, and of each pass, as often as it costs little."""

ORDER_ROWS = 1024
"""Rows whose places say whether the rows are still in their order."""

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How far it has come: the choice of k, where mini-batches moved the centres, and the passes over all rows.

    Once there are passes, only the weights of the mini-batches' centres matter: their centroids may be empty.
    """

    choice: Choice
    underway: Underway
    refined: Refined | None = None


def keeper(job: Job, material: Material, earlier: Earlier | None) -> Keeper:
    """Return where this job keeps its stages: only for the same hyperparameters, rows in their order, and start."""
    belongs = {
        "kindred": __version__,
        **job.hyperparameters,
        "rows": material.train.count,
        "data": material.fingerprint,
        "order of rows": _order(material.train),
        "earlier model": earlier.digest if earlier else None,
    }
    return Keeper(job.checkpoints, NAME, belongs=belongs)


def nowhere() -> Keeper:
    """Return a keeper that keeps nothing."""
    return Keeper(None, NAME, belongs={})


def offer(kept: Keeper, stage: Stage) -> None:
    """Keep the stage, if it is time for it."""
    centres, refined = stage.underway.centres, stage.refined
    fields = {**asdict(stage.choice), "epochs": stage.underway.epochs, "batches": stage.underway.batches}
    if refined is None:
        arrays: Arrays = {"centroids": centres.centroids, "weights": centres.weights}
        kept.offer(fields, arrays, every_s=EVERY_S if stage.underway.batches else 0)
        return
    arrays = {"centroids": refined.centroids, "weights": centres.weights, **vars(refined.found)}
    kept.offer({**fields, "totals": refined.totals}, arrays)


def newest(kept: Keeper) -> Stage | None:
    """Return the newest stage of this job, None where there is none."""
    found = next(kept.kept(), None)
    if found is None:
        return None
    stage = _stage(found)
    passes = f", with {len(stage.refined.totals) - 1} passes over all rows" if stage.refined else ""
    LOGGER.info(
        "going on from a checkpoint: %d epochs and %d batches%s", stage.underway.epochs, stage.underway.batches, passes
    )
    return stage


def _stage(found: Snapshot) -> Stage:
    fields, arrays = found.fields, found.arrays
    choice = Choice(k=fields["k"], because=tuple(fields["because"]))
    totals = fields.get("totals")
    centroids = arrays["centroids"] if totals is None else arrays["centroids"][:0]
    centres = Centres(centroids=centroids, weights=arrays["weights"])
    underway = Underway(centres=centres, epochs=fields["epochs"], batches=fields["batches"])
    if totals is None:
        return Stage(choice=choice, underway=underway)
    found_last = Sweep(sums=arrays["sums"], sizes=arrays["sizes"], squares=arrays["squares"])
    refined = Refined(centroids=arrays["centroids"], found=found_last, totals=tuple(totals))
    return Stage(choice=choice, underway=underway, refined=refined)


def _order(train: Shards) -> str:
    """Files are read by name, so the order is the same again, but for one who shuffles or renames them."""
    numbers = np.unique(np.linspace(0, train.count - 1, ORDER_ROWS).astype(np.int64))
    return hashlib.sha256(train.take(numbers).tobytes()).hexdigest()
