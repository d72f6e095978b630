"""What k-means learns from: the channels `train` and `test` as vectors of one width."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from kindred.algorithms.kmeans_serving import LARGEST
from kindred.algorithms.side_by_side import side_by_side
from kindred.contract.negotiation import MATRICES, MediaType, family, media_type
from kindred.contract.port import Channel, Job
from kindred.data import pantry, vectors
from kindred.data.vectors import Asked, Vectors
from kindred.engine.shards import Local, Shards
from kindred.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Material:
    """The rows to train on, at least one; those to measure on, None where there are none; notes on the reading."""

    train: Shards
    test: Shards | None
    fingerprint: str
    notes: Sequence[str]


def recognises(channel: Channel) -> bool:
    """Tell by its content type, or else by its first files, whether a channel holds vectors and no tables with ids.

    A pipe can be read but once, so it may hold them.
    """
    if channel.pipe is not None or family(media_type(channel.content_type).type, among=MATRICES):
        return True
    return vectors.recognises(channel.folder) and not pantry.recognises(channel.folder)


def read(job: Job) -> Material:
    """Return the rows of both channels. Raises UserError, `at` the file and the place in it, for what is no vector."""
    train, test = _both(job)
    notes = [*train.notes, *(test.notes if test else ())]
    return Material(
        train=Local(train.shards),
        test=Local(test.shards) if test and test.count else None,
        fingerprint=train.fingerprint,
        notes=list(dict.fromkeys(notes)),
    )


def _both(job: Job) -> tuple[Vectors, Vectors | None]:
    if "test" in job.channels and job.channels["test"].pipe:
        return _at_once(job)
    train = _filled(train_vectors(job))
    return train, test_vectors(job, width=train.width)


def _at_once(job: Job) -> tuple[Vectors, Vectors]:
    """The channel `test` may be fed before `train`, so its rows are read before their width is known."""
    width = job.hyperparameters["feature_dim"]
    asked = _asked(job, job.channels["test"], width=width)
    train, test = side_by_side([partial(train_vectors, job), partial(_vectors, job.channels["test"], asked)])
    if test.count and test.width != _filled(train).width:
        sentence = f"the rows have {test.width} numbers; expected {train.width}, as the channel 'train' has"
        raise UserError(sentence, at="the channel 'test'")
    return _filled(train), test


def _filled(train: Vectors) -> Vectors:
    if not train.count:
        raise UserError("the channel 'train' holds no rows")
    return train


def train_vectors(job: Job) -> Vectors:
    """Return the rows of the channel `train` on this host, which may be none. Raises UserError as `read` does."""
    channel = job.channels["train"]
    return _vectors(channel, _asked(job, channel, width=job.hyperparameters["feature_dim"]))


def test_vectors(job: Job, *, width: int) -> Vectors | None:
    """Return the rows of the channel `test` on this host, `width` numbers each; None without that channel."""
    channel = job.channels.get("test")
    if channel is None:
        return None
    asked = _asked(job, channel, width=width, width_from="the channel 'train' has")
    if asked.label_size is None and job.hyperparameters["feature_dim"] is None:
        # The width is a guess from other files: too little to take a number for a label.
        asked = replace(asked, label_size=0)
    return _vectors(channel, asked)


def _vectors(channel: Channel, asked: Asked) -> Vectors:
    """A pipe is read in its first epoch; what was kept of it serves every pass from then on."""
    if channel.pipe is None:
        return vectors.read(channel.folder, asked)
    return vectors.pour(channel.pipe(0), asked, label=f"{channel.folder.name}_0", wrapped=channel.wrapped)


def _asked(job: Job, channel: Channel, *, width: int | None, width_from: str = "feature_dim says") -> Asked:
    stated = media_type(channel.content_type)
    return Asked(
        width=width,
        width_from=width_from,
        charset=stated.parameters.get("charset"),
        label_size=_label_size(stated, channel),
        largest=LARGEST,
        memory_bytes=job.memory_bytes,
    )


def _label_size(stated: MediaType, channel: Channel) -> int | None:
    text = stated.parameters.get("label_size")
    if text is None:
        return None
    if not text.isdecimal():
        told = f"label_size is '{text[:20]}' in the content type of the channel '{channel.name}'"
        raise UserError(f"{told}; expected a whole number such as 0")
    return int(text)
