"""Training killed at random moments, and started again as spot does, ends as if nothing had happened.

KINDRED_KILLS says how many kills each algorithm meets (a few unless told), KINDRED_KILLS_SEED which; a seed names every
moment but for how fast the machine is. `KINDRED_KILLS=100 pytest tests/kills -s` prints what they met.
"""

import collections
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kills.worlds import WORLDS
from kindred import testing
from kindred.testing import Job, Machine
from kit.real_train import KINDRED

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KINDRED_KILLS", "4"))
SEED = int(os.environ.get("KINDRED_KILLS_SEED", "0"))
IN_A_ROW = 4
"""At most so many kills meet one job, before it is let run to its end."""


RESUMED = "going on from a checkpoint"


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a job leaves, file by file: the model, and the reports with the metrics."""

    model: dict[str, str]
    output: dict[str, str]


@pytest.mark.parametrize("algorithm", WORLDS)
def test_a_job_that_was_killed_ends_as_one_that_was_not(algorithm, tmp_path):
    """[54, 55, 56, 58, 59]"""
    job = WORLDS[algorithm]()
    wanted, seconds = uninterrupted(job, tmp_path / "whole")
    met, resumed = collections.Counter[str](), 0
    for number in range(KILLS):
        many, seed = min(IN_A_ROW, KILLS - met.total()), SEED * 100_000 + number
        if many == 0:
            break
        some = testing.kills(many, within_s=seconds, seed=seed, clock="processor")
        folder = tmp_path / f"killed-{number}"
        machines = list(checked(testing.attempts(KINDRED, job, folder, kills=some)))
        last = machines[-1].ended
        assert last.status == 0, (folder, last.log)
        assert left(last.tree) == wanted, (folder, some, last.log)
        met.update(word for machine in machines for word in told(machine))
        resumed += RESUMED in last.log
        shutil.rmtree(folder)
        jobs = f"{number + 1} jobs of {seconds:.1f} processor seconds, {resumed} of them ended from a checkpoint"
        print(f"\n{algorithm}: {jobs}; {met.total()} kills: {dict(met)}", end="", flush=True)
    assert met.total() >= min(KILLS, 1)


def uninterrupted(job: Job, base: Path) -> tuple[Left, float]:
    """What the job leaves, and the processor's seconds that it takes: those are the same on a busy machine."""
    tree, seconds = testing.lay_out(job, base), 0.0
    with testing.training(KINDRED, job, tree) as running:
        while running.poll() is None:
            seconds = max(seconds, running.processor_s())
            time.sleep(0.01)
        ended = testing.ended(running, tree)
    assert ended.status == 0, ended.log
    return left(ended.tree), seconds


def left(tree: testing.Tree) -> Left:
    return Left(model=dict(testing.contents(tree.model)), output=dict(testing.contents(tree.output)))


def checked(machines: Iterator[Machine]) -> Iterator[Machine]:
    """A SIGTERM leaves a whole model and 0, or none and 143; never a failure file (contract line 210)."""
    for machine in machines:
        if machine.kill is not None and machine.kill.number == signal.SIGTERM:
            names = {path.name for path in machine.ended.tree.model.iterdir()}
            assert machine.ended.failure is None, machine.ended.log
            assert machine.ended.status in (0, 128 + signal.SIGTERM, -signal.SIGTERM), machine.ended.log
            assert ("manifest.json" in names) == (machine.ended.status == 0), (names, machine.ended.log)
            assert not any(name.startswith(".") for name in names), names
        yield machine


def told(machine: Machine) -> Iterator[str]:
    """A word for a machine that was killed: by what, and whether it had been going on from a checkpoint."""
    if machine.kill is not None:
        resumed = "again" if RESUMED in machine.ended.log else "first"
        yield f"{signal.Signals(machine.kill.number).name} {machine.ended.status} {resumed}"
