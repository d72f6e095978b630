"""ECHO, an algorithm that knows nothing: it counts bytes and lines, and answers every instance with itself."""

import ctypes
import errno
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindred.contract import hyperparameters as hp
from kindred.contract.port import Algorithm, Channel, ChannelSpec, Hyperparameter, Job, Metric, Outcome
from kindred.errors import UserError

MODEL = "echo.json"


@dataclass(frozen=True, kw_only=True)
class EchoPredictor:
    """Answers `{"fail": "…"}` with a UserError and `{"break": …}` with a bug of its own, all else with itself."""

    counted: Mapping[str, int]

    def parse(self, value: Any, options: Mapping[str, Any]) -> Any:
        if isinstance(value, dict) and "fail" in value:
            raise UserError(str(value["fail"]), at=".fail")
        return {**options, **value} if isinstance(value, dict) else value

    def parse_row(self, cells: Sequence[str], options: Mapping[str, Any]) -> Any:  # noqa: ARG002 - the port's
        if cells and cells[0] == "fail":
            raise UserError("the first cell is 'fail'")
        return list(cells)

    def predict(self, requests: Sequence[Any]) -> Sequence[Any]:
        for request in requests:
            if isinstance(request, dict) and "break" in request:
                raise ZeroDivisionError("echo was asked to break")
        return list(requests)

    def row(self, prediction: Any) -> Sequence[str]:
        return [str(cell) for cell in prediction] if isinstance(prediction, list) else [json.dumps(prediction)]


def train(job: Job) -> Outcome:
    """Count every channel, then do as the hyperparameter `behaviour` says."""
    files = [file for channel in job.channels.values() for file in sorted(channel.folder.rglob("*")) if file.is_file()]
    contents = [file.read_bytes() for file in files]
    counted = {"bytes": sum(map(len, contents)), "lines": sum(text.count(b"\n") for text in contents)}
    job.report("bytes", counted["bytes"])
    if job.hyperparameters["behaviour"] == "nothing":
        return Outcome(metrics={})
    _BEHAVIOURS[job.hyperparameters["behaviour"]](job)
    if not counted["lines"] >= job.hyperparameters["least"]:
        raise UserError(f"the channel holds {counted['lines']} lines, fewer than {job.hyperparameters['least']}")
    _store(job, counted)
    return Outcome(metrics={"lines": float(counted["lines"])}, notes=(f"counted {len(files)} files",))


def load(folder: Path) -> EchoPredictor:
    """Read what `train` wrote; raises UserError where there is none."""
    if not (folder / MODEL).is_file():
        raise UserError(f"the model folder holds no {MODEL}")
    stored = json.loads((folder / MODEL).read_text(encoding="utf-8"))
    return EchoPredictor(counted={"bytes": stored["bytes"], "lines": stored["lines"]})


def claims(channels: Mapping[str, Channel]) -> bool:
    """ECHO takes any job that brings a channel `train` or `training`."""
    return bool(channels.keys() & {"train", "training"})


def _store(job: Job, counted: Mapping[str, int]) -> None:
    aside = job.model / f".{MODEL}"
    aside.write_text(json.dumps({**counted, "hyperparameters": dict(job.hyperparameters)}), encoding="utf-8")
    aside.rename(job.model / MODEL)


def _exit(_: Job) -> None:
    raise SystemExit(0)


def _interrupt(_: Job) -> None:
    raise KeyboardInterrupt


def _bare_oserror(_: Job) -> None:
    raise OSError("no errno here")


def _numbered_oserror(_: Job) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO), "a-file")


def _bug(_: Job) -> None:
    raise ZeroDivisionError("a bug of our own")


def _litter(job: Job) -> None:
    (job.model / "half").mkdir()
    (job.model / "half" / "written").write_bytes(b"\0" * 64)
    raise UserError("the data ended in the middle")


def _fill(job: Job) -> None:
    (job.model / "big").write_bytes(b"\0" * (64 << 20))


def _wait(job: Job) -> None:
    print("echo waits", flush=True)
    job.stop.wait(60)


def _hang(job: Job) -> None:
    """Store a model, begin another, and never end."""
    _store(job, {"bytes": 0, "lines": 0})
    (job.model / ".unfinished").write_bytes(b"\0")
    print("echo hangs", flush=True)
    while True:
        time.sleep(60)


def _nap(_: Job) -> None:
    """Sleep in C, out of reach of Python's signal handlers."""
    print("echo naps", flush=True)
    ctypes.CDLL(None).poll(None, 0, 20_000)
    ctypes.CDLL(None).sleep(20)


def _read(job: Job) -> None:
    """Be busy in C with nothing to leave yet."""
    with job.losing_nothing():
        print("echo reads", flush=True)
        ctypes.CDLL(None).sleep(20)
        ctypes.CDLL(None).sleep(20)


def _keep(job: Job) -> None:
    """Keep checkpoints, and say what was kept before."""
    assert job.checkpoints is not None
    print("echo found", [content.decode() for content in job.checkpoints.saved()], flush=True)
    for content in (b"one", b"two", b"three"):
        job.checkpoints.save(content)


def _fork(job: Job) -> None:
    """End a forked child as pools of processes do."""
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    time.sleep(0.2)
    os.kill(child, signal.SIGTERM)
    _, status = os.waitpid(child, 0)
    time.sleep(0.2)
    print(f"child {os.waitstatus_to_exitcode(status)} stop {job.stop.is_set()}", flush=True)


def _memory(_: Job) -> None:
    raise MemoryError


_BEHAVIOURS = {
    "": lambda _: None,
    "exit": _exit,
    "interrupt": _interrupt,
    "oserror": _bare_oserror,
    "bug": _bug,
    "eio": _numbered_oserror,
    "litter": _litter,
    "fill": _fill,
    "wait": _wait,
    "hang": _hang,
    "nap": _nap,
    "read": _read,
    "keep": _keep,
    "fork": _fork,
    "memory": _memory,
    "nothing": lambda _: None,
}

ECHO = Algorithm(
    name="echo",
    hyperparameters=(
        Hyperparameter(
            name="least", description="Lines that there must be.", kind="Integer", parse=hp.integer(0, 1000), default=0
        ),
        Hyperparameter(
            name="rate", description="A number.", kind="Continuous", parse=hp.number(0, 1), default=0.5, range=(0, 1)
        ),
        Hyperparameter(
            name="mode",
            description="A word.",
            kind="Categorical",
            parse=hp.choice("loud", "quiet", "k-means++"),
            default="quiet",
            range=("loud", "quiet", "k-means++"),
        ),
        Hyperparameter(name="keep", description="Yes or no.", kind="Categorical", parse=hp.flag(), default=True),
        Hyperparameter(name="label", description="Any text.", kind="FreeText", parse=hp.text(), default=None),
        Hyperparameter(
            name="behaviour",
            description="How training goes.",
            kind="Categorical",
            parse=hp.choice(*_BEHAVIOURS),
            default="",
        ),
    ),
    channels=(
        ChannelSpec(name="train", description="Any files.", aliases=("training",), content_types=("text/csv",)),
        ChannelSpec(name="test", description="Any files.", aliases=("validation",)),
    ),
    metrics=(
        Metric(name="bytes", regex=r"^bytes=(\S+)", direction="Maximize"),
        Metric(name="lines", regex=r"^lines=(\S+)", direction="Maximize", objective=True),
    ),
    claims=claims,
    train=train,
    load=load,
)
