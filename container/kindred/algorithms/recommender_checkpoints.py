"""How far the fit of the recommender has come, as a checkpoint keeps it."""

import hashlib
import logging
from dataclasses import fields
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred import __version__
from kindred.algorithms.resuming import Keeper
from kindred.artefact.snapshot import Snapshot
from kindred.contract.port import Job
from kindred.desk.stock import ALGORITHM
from kindred.recommender.blocks import Part, joined
from kindred.recommender.embedding import Embedding
from kindred.recommender.given import Given
from kindred.recommender.progress import NOTHING, Groups, Progress

LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "safetensors")

LOGGER = logging.getLogger(__name__)

_GROUPS: dict[str, type[Any]] = {"embedding": Embedding, "groups": Groups, "part": Part}


def keeper(job: Job, one: Given, *, fingerprint: str) -> Keeper:
    """Return where this job keeps its progress: only for the same versions, hyperparameters, data, and its order."""
    belongs = {
        "kindred": __version__,
        **{name: version(name) for name in LIBRARIES},
        **job.hyperparameters,
        "data": fingerprint,
        "order of items and users": _digest(one),
        "chosen": repr(one.settings),
    }
    return Keeper(job.checkpoints, ALGORITHM, belongs=belongs)


def offer(kept: Keeper, reached: Progress) -> None:
    """Keep the progress, if it is time for it."""
    arrays = _arrays("embedding", reached.embedding) | _arrays("groups", reached.groups)
    if reached.parts:
        arrays |= _arrays("part", joined(reached.parts))
    kept.offer({"solved": reached.solved}, arrays)


def newest(kept: Keeper) -> Progress:
    """Return the newest progress of this job; NOTHING where there is none."""
    found = next(kept.kept(), None)
    if found is None:
        return NOTHING
    reached = _progress(found)
    LOGGER.info("going on from a checkpoint: %d blocks of items are solved", reached.solved)
    return reached


def _progress(found: Snapshot) -> Progress:
    values = {name: _value(name, found) for name in _GROUPS}
    part = values.pop("part")
    return Progress(**values, parts=[] if part is None else [part], solved=found.fields["solved"])


def _value(name: str, found: Snapshot) -> Any:
    kind = _GROUPS[name]
    if f"{name}.{fields(kind)[0].name}" not in found.arrays:
        return None
    return kind(**{field.name: found.arrays[f"{name}.{field.name}"] for field in fields(kind)})


def _arrays(name: str, value: Embedding | Groups | Part | None) -> dict[str, NDArray[Any]]:
    return {} if value is None else {f"{name}.{field.name}": getattr(value, field.name) for field in fields(value)}


def _digest(one: Given) -> str:
    """Of all that is fitted, number by number: the data's own fingerprint is the same in any order."""
    digest = hashlib.sha256(repr(one.x.shape).encode())
    for array in (one.x.indptr, one.x.indices, one.warm, one.content, one.earlier):
        digest.update(b"" if array is None else np.ascontiguousarray(array))
        digest.update(b"|")
    return digest.hexdigest()
