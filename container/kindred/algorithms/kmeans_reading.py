"""What k-means learns from: the channels `train` and `test` as vectors of one width."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kindred.algorithms.kmeans_serving import LARGEST
from kindred.contract.negotiation import MATRICES, MediaType, family, media_type
from kindred.contract.port import Channel, Job
from kindred.data import pantry, vectors
from kindred.data.vectors import Asked, Vectors
from kindred.engine.shards import Local, Shards
from kindred.errors import UserError

BYTES_PER_CELL = 8
"""Memory that a number of a sparse row may take: 4 bytes as float32, and as much again while it is copied."""


@dataclass(frozen=True, kw_only=True)
class Material:
    """The rows to train on, at least one; those to measure on, None where there are none; notes on the reading."""

    train: Shards
    test: Shards | None
    fingerprint: str
    notes: Sequence[str]


def recognises(channel: Channel) -> bool:
    """Tell by its content type, or else by its first files, whether a channel holds vectors and no tables with ids."""
    if family(media_type(channel.content_type).type, among=MATRICES):
        return True
    return vectors.recognises(channel.folder) and not pantry.recognises(channel.folder)


def read(job: Job) -> Material:
    """Return the rows of both channels. Raises UserError, `at` the file and the place in it, for what is no vector."""
    width = job.hyperparameters["feature_dim"]
    channel = job.channels["train"]
    train = vectors.read(channel.folder, _asked(job, channel, width=width))
    if not train.count:
        raise UserError("the channel 'train' holds no rows")
    test = _test(job, train)
    notes = [*train.notes, *(test.notes if test else ())]
    return Material(
        train=Local(train.shards),
        test=Local(test.shards) if test and test.count else None,
        fingerprint=train.fingerprint,
        notes=list(dict.fromkeys(notes)),
    )


def _test(job: Job, train: Vectors) -> Vectors | None:
    channel = job.channels.get("test")
    if channel is None:
        return None
    asked = _asked(job, channel, width=train.width, width_from="the channel 'train' has")
    if asked.label_size is None and job.hyperparameters["feature_dim"] is None:
        # The width is a guess from other files: too little to take a number for a label.
        asked = replace(asked, label_size=0)
    return vectors.read(channel.folder, asked)


def _asked(job: Job, channel: Channel, *, width: int | None, width_from: str = "feature_dim says") -> Asked:
    stated = media_type(channel.content_type)
    return Asked(
        width=width,
        width_from=width_from,
        charset=stated.parameters.get("charset"),
        label_size=_label_size(stated, channel),
        most_cells=job.memory_bytes // BYTES_PER_CELL,
        largest=LARGEST,
    )


def _label_size(stated: MediaType, channel: Channel) -> int | None:
    text = stated.parameters.get("label_size")
    if text is None:
        return None
    if not text.isdecimal():
        told = f"label_size is '{text[:20]}' in the content type of the channel '{channel.name}'"
        raise UserError(f"{told}; expected a whole number such as 0")
    return int(text)
