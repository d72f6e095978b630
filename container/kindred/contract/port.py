"""The port through which the front door knows an algorithm: its tables, how to train it, how to load it.

An algorithm is a value. Bringing another is one file in `algorithms/` that builds an `Algorithm`.
"""

import argparse
import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Value = str | int | float | bool | tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Hyperparameter:
    """One row of the table that validates, documents and specifies a hyperparameter (contract lines 25, 87).

    `parse` turns the decoded string into the value, and raises ValueError with what it expected.
    `default` None means "absent"; `required` ones have no default.
    """

    name: str
    description: str
    kind: Literal["Integer", "Continuous", "Categorical", "FreeText"]
    parse: Callable[[str], Value]
    default: Value = None
    required: bool = False
    tunable: bool = False
    range: tuple[float, float] | tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure that training prints as `name=value`; `regex` finds it in the log (contract lines 75-82)."""

    name: str
    regex: str
    direction: Literal["Maximize", "Minimize"]
    objective: bool = False


@dataclass(frozen=True, kw_only=True)
class ChannelSpec:
    """A channel that the algorithm reads; `aliases` are the names users give it (contract line 38).

    A job that brings it in another of SageMaker's input modes than `input_modes` is refused (line 88).
    """

    name: str
    description: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    content_types: tuple[str, ...] = ()
    input_modes: tuple[str, ...] = ("File", "FastFile")


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel as this job brings it: a read-only folder, and what inputdataconfig.json says of it.

    In Pipe mode there is no folder: `pipe` opens the bytes of an epoch, from 0, each once; the next epoch's come when
    these are closed. `wrapped` says that every object is a RecordIO record there; else nothing parts the objects.
    Of a `sharded` channel this host has a part, which may be nothing; there may be no folder then.
    """

    name: str
    folder: Path
    content_type: str | None = None
    input_mode: str = "File"
    sharded: bool = False
    wrapped: bool = False
    pipe: Callable[[int], IO[bytes]] | None = field(default=None, repr=False, compare=False)


Buffer = bytes | bytearray | memoryview


class Link(Protocol):
    """A connection to another host of the job, over which go messages of a few parts, each of them bytes.

    Both raise UserError where the other host failed or is gone; to let it through is to end the job on every host.
    """

    @property
    def host(self) -> str:
        """The other host's name."""

    def send(self, parts: Sequence[Buffer]) -> None:
        """Send a message."""

    def receive(self) -> Sequence[bytearray] | None:
        """Wait for a message and return its parts; None where the other host is done."""

    def waiting(self, seconds: float = 0) -> bool:
        """Return whether something can be received within so many seconds, if only that the other host is gone."""


class Checkpoints(Protocol):
    """Where a job keeps what it needs to go on after it was killed (contract lines 55-59); what it keeps is bytes."""

    def save(self, content: bytes) -> None:
        """Keep the content, all of it or nothing; earlier ones may go, the two newest stay. Raises nothing."""

    def saved(self) -> Iterator[bytes]:
        """Yield what was kept, by this run or an earlier one, the newest first. Whose it is, the bytes must say."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that an algorithm is told of a training job; everything in it is already checked.

    `hyperparameters` has every row of the table. `channels` go by the names of the table, whatever the user called
    them; each has a folder or a pipe. `model` and `output` (for reports) exist and are writable. What is written to
    `model` gets its last name when it is whole: names that start with a dot are taken for unfinished. `checkpoints` is
    None where the job has no folder for them.
    `stop` is set when SageMaker asks us to end (line 53): train returns within seconds, with the best model so far.
    `links` lead to the other hosts, in the order of `hosts`, where the data is sharded and this host leads them.
    Reading, for which nothing could be left, may go in a block of `losing_nothing`: then the process ends at once.
    `report` prints one metric line; a name such as `test:msd` also prints the built-in's `#quality_metric` (line 76).
    """

    name: str
    hyperparameters: Mapping[str, Any]
    channels: Mapping[str, Channel]
    model: Path
    output: Path
    checkpoints: Checkpoints | None
    host: str
    hosts: tuple[str, ...]
    threads: int
    memory_bytes: int
    stop: threading.Event = field(repr=False)
    report: Callable[[str, float], None] = field(repr=False)
    links: tuple[Link, ...] = ()
    losing_nothing: Callable[[], contextlib.AbstractContextManager[None]] = field(
        default=contextlib.nullcontext, repr=False
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What training says of itself when it is done: its metrics and the sentences a person should read."""

    metrics: Mapping[str, float]
    notes: tuple[str, ...] = ()


class Predictor(Protocol):
    """A loaded model, as `serve` knows it. Read-only after loading, shared by threads and forked workers."""

    def parse(self, value: Any, options: Mapping[str, Any]) -> Any:
        """Turn one decoded JSON instance into a request; `options` are the batch's, the instance's own win.

        Raises UserError, its `at` relative to the instance (`.history[0]`).
        """

    def parse_row(self, cells: Sequence[str], options: Mapping[str, Any]) -> Any:
        """Turn one CSV line, already split into cells, into a request. Raises UserError."""

    def predict(self, requests: Sequence[Any]) -> Sequence[Any]:
        """Answer every request, in order, with a value that msgspec can encode. Raises UserError with `at` `[i]…`."""

    def row(self, prediction: Any) -> Sequence[str]:
        """Return the CSV cells of one answer."""


@runtime_checkable
class MatrixPredictor(Predictor, Protocol):
    """A predictor whose requests are vectors, so that it can be sent a matrix and answer with columns of numbers."""

    def parse_matrix(self, rows: "NDArray[np.float32]") -> Sequence[Any]:
        """Turn the rows float32 (n, d), finite, into n requests. Raises UserError, its `at` relative to the body."""

    def parse_sparse(self, indices: Sequence[int], values: Sequence[float]) -> Any:
        """Turn a row into a request: the values at their indices, which ascend from 0 at least, and zeros elsewhere.

        Values are finite as float32. Raises UserError, its `at` relative to the row.
        """

    def columns(self, predictions: Sequence[Any]) -> "Mapping[str, NDArray[np.float32]]":
        """Return the numbers of n answers by name: each float32 (n,)."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What a user may ask of a model, or of data, at the command line: `kindred <name> DIR …`.

    `arguments` adds to the parser what may be said beside DIR. `run` is given the model's folder, unpacked where it was
    packed, or the data's as it is, and returns what is to be printed; it raises UserError.
    """

    name: str
    description: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Path, argparse.Namespace], str]
    about: Literal["model", "data"] = "model"


@dataclass(frozen=True, kw_only=True)
class Algorithm:
    """A name, its tables, and two functions. `claims` says whether these channels can only mean this algorithm.

    `claims` is given every channel of the job under the names that the user chose, aliases and strangers among them.
    `train` raises UserError for what the user can mend; what else it raises is our bug.
    `follow` answers the host that trains from this host's part of sharded data, and returns when that host is done. Who
    has none trains on one host, and sharded data is refused (contract line 62).
    `instance` and `answer` are the types of what is sent and answered in JSON, for the OpenAPI document alone;
    `matrices` says that `load` gives a MatrixPredictor. `commands` are those of `kindred` that read its models or data.
    """

    name: str
    hyperparameters: tuple[Hyperparameter, ...]
    channels: tuple[ChannelSpec, ...]
    metrics: tuple[Metric, ...]
    claims: Callable[[Mapping[str, Channel]], bool]
    train: Callable[[Job], Outcome]
    load: Callable[[Path], Predictor]
    follow: Callable[[Job, Link], None] | None = None
    instance: Any = Any
    answer: Any = Any
    matrices: bool = False
    commands: tuple[Command, ...] = ()
