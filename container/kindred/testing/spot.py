"""Managed spot training: a machine is taken away, a new one starts afresh with the checkpoints that were uploaded."""

import random
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kindred.testing import agent
from kindred.testing.endings import Ended
from kindred.testing.job import Job
from kindred.testing.programs import Program, Running
from kindred.testing.runs import TIMEOUT_S, ended, training
from kindred.testing.tree import lay_out

Clock = Literal["wall", "processor"]

LOOK_S = 0.005


@dataclass(frozen=True, kw_only=True)
class Kill:
    """SIGTERM or SIGKILL, so many seconds after the start: of the clock, or of the processor's time that was used.

    The latter means the same moment however busy the machine is; it is for a `Process`, on Linux.
    After a SIGTERM the program has its grace, and what it wrote by then is uploaded. SIGKILL is a machine that is gone:
    what was not uploaded yet is lost.
    """

    number: int
    after_s: float
    clock: Clock = "wall"


def kills(count: int, *, within_s: float, seed: int, clock: Clock = "wall") -> list[Kill]:
    """Return kills at uniformly random moments of a run that takes `within_s`, of either kind at even odds.

    >>> kills(2, within_s=8.0, seed=0) == kills(2, within_s=8.0, seed=0)
    True
    """
    chance = random.Random(seed)  # noqa: S311 - moments of a test
    return [
        Kill(number=chance.choice((signal.SIGTERM, signal.SIGKILL)), after_s=chance.uniform(0, within_s), clock=clock)
        for _ in range(count)
    ]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """One attempt at a job: how it ended, and the kill that met it, None where it ran to its end before."""

    kill: Kill | None
    ended: Ended


def attempts(
    program: Program, job: Job, folder: Path, *, kills: Sequence[Kill], timeout_s: float = TIMEOUT_S
) -> Iterator[Machine]:
    """Run `job`, killing the n-th attempt by the n-th kill, until one comes to its own end; yield each attempt.

    `folder/machine-0`, `folder/machine-1` are the machines' trees, `folder/bucket` is the checkpoints' prefix.
    An attempt that a SIGTERM ended with status 0 is tried again too: nobody but the caller knows whether it was done.
    Raises ValueError for a job without checkpoints.
    """
    if job.checkpoints is None:
        raise ValueError("a job that is to be resumed needs `checkpoints`, their S3 URI")
    for number, kill in enumerate([*kills, None]):
        machine = _attempt(program, job, folder, number=number, kill=kill, timeout_s=timeout_s)
        yield machine
        if machine.kill is None:
            return


def _attempt(program: Program, job: Job, folder: Path, *, number: int, kill: Kill | None, timeout_s: float) -> Machine:
    base, bucket = folder / f"machine-{number}", folder / "bucket"
    tree = lay_out(job, base, inside=program.inside(base))
    if bucket.is_dir():
        agent.restore(bucket, tree.checkpoints)
    with agent.uploading(tree.checkpoints, bucket) as mirror, training(program, job, tree) as running:
        met = kill if kill is not None and _reached(running, kill) else None
        if met is not None:
            running.kill() if met.number == signal.SIGKILL else running.stop()
        end = ended(running, tree, timeout_s=timeout_s)
    if met is None or met.number == signal.SIGTERM:
        mirror.go_round()
    return Machine(kill=met, ended=end)


def _reached(running: Running, kill: Kill) -> bool:
    """Wait for the moment; say False where the program ends before."""
    since = time.monotonic()
    while running.poll() is None:
        passed_s = time.monotonic() - since if kill.clock == "wall" else running.processor_s()
        if passed_s >= kill.after_s:
            return True
        time.sleep(LOOK_S)
    return False
