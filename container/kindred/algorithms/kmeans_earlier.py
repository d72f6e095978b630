"""The earlier model of the channel `model`: our own artefact, or what the built-in algorithm leaves."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.algorithms import kmeans_serving
from kindred.algorithms.kmeans_serving import LARGEST, SIZES, WEIGHTS
from kindred.artefact import manifest, shelf
from kindred.artefact.shelf import Artefact
from kindred.codecs import ndarray
from kindred.contract.port import Job
from kindred.engine.shards import Shards
from kindred.errors import UserError

CHANNEL = "model"
BUILT_IN = "model_algo-*"
"""What the built-in calls its file, after the host that wrote it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Earlier:
    """Centroids float32 (k, d) to start from, how many rows each stands for, float64 (k,), and what tells whose."""

    centroids: NDArray[np.float32]
    weights: NDArray[np.float64]
    note: str

    @property
    def digest(self) -> str:
        """64 hexadecimal digits, equal for an equal start."""
        return hashlib.sha256(self.centroids.tobytes() + self.weights.tobytes()).hexdigest()


def read(job: Job, train: Shards) -> Earlier | None:
    """Return the model of the channel `model`, None where there is no such channel.

    Raises UserError for one that is damaged, is none of k-means, or is of another width than the rows to train on.
    """
    channel = job.channels.get(CHANNEL)
    if channel is None:
        return None
    found = _ours(channel.folder) if list(channel.folder.rglob(manifest.NAME)) else _built_in(channel.folder, train)
    width = found.centroids.shape[1]
    if width != train.width:
        raise UserError(
            f"the rows of the channel 'train' have {train.width} numbers, and those of the model in the channel "
            f"'{CHANNEL}' {width}; bring rows of the same features, or leave the channel out"
        )
    return found


def _ours(folder: Path) -> Earlier:
    centroids = np.array(kmeans_serving.opened(folder).centroids)
    shelf.verify(folder)
    weights = _weights(shelf.open(folder), len(centroids))
    if weights.shape != (len(centroids),) or not np.isfinite(weights).all() or weights.min() < 0:
        raise UserError("the model is damaged: there should be as many sizes as centroids", at=CHANNEL)
    note = _note(len(centroids), f"the {weights.sum():.0f} rows it has seen")
    return Earlier(centroids=centroids, weights=weights, note=note)


def _weights(model: Artefact, k: int) -> NDArray[np.float64]:
    """A model that was stopped early has no sizes: then each centre has the same share of the rows."""
    kept = model.arrays.get(WEIGHTS, model.arrays.get(SIZES))
    rows = model.manifest.facts.get("rows")
    return np.full(k, rows / k if isinstance(rows, int) else 1.0) if kept is None else kept.astype(np.float64)


def _built_in(folder: Path, train: Shards) -> Earlier:
    """How many rows it has seen the built-in does not say: as many as there are now, each centre the same share."""
    files = sorted(path for path in folder.rglob(BUILT_IN) if path.is_file())
    if len(files) != 1:
        names = ", ".join(sorted(path.name for path in folder.rglob("*") if path.is_file())[:5]) or "nothing"
        wanted = "expected manifest.json and its arrays, or one model_algo-1 of the built-in algorithm"
        raise UserError(f"the channel '{CHANNEL}' holds no model of k-means: {wanted}, found {names}")
    try:
        centroids = _centroids(ndarray.decode(files[0].read_bytes()))
    except UserError as error:
        raise UserError(error.sentence, at=files[0].name) from error
    k = len(centroids)
    weights = np.full(k, train.count / k)
    return Earlier(centroids=centroids, weights=weights, note=_note(k, f"{train.count} rows, as many as there are now"))


def _centroids(arrays: list[tuple[str, NDArray[Any]]]) -> NDArray[np.float32]:
    shapes = [list(array.shape) for _, array in arrays]
    if len(arrays) != 1 or arrays[0][1].ndim != 2 or not arrays[0][1].size:
        raise UserError(f"the model of k-means is one matrix of centroids; this file holds the shapes {shapes}")
    with np.errstate(over="ignore"):
        centroids = arrays[0][1].astype(np.float32)
    if not (np.abs(centroids) <= LARGEST).all():
        raise UserError(f"the centroids hold what is no number, or one beyond {LARGEST:g}")
    return centroids


def _note(k: int, standing_for: str) -> str:
    return (
        f"the {k} centres of the channel '{CHANNEL}' are where the mini-batches began; they stand for {standing_for}, "
        "so that new rows move them by their share, and no pass over the new rows alone follows"
    )
