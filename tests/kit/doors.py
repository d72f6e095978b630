"""The real doors in processes of their own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kindred.testing import Process, Running, Tree

KIT = Path(__file__).parent
TIMEOUT_S = 60


@dataclass(frozen=True, kw_only=True)
class Trained:
    """How `train` ended; `failure` is the text of the failure file, None where there is none."""

    status: int
    log: str
    failure: str | None


def train(base: Path, *arguments: str, **environ: str) -> Trained:
    """Run `train` with ECHO on the tree at `base`, to its end."""
    return ended(start(base, *arguments, **environ), base)


def start(base: Path, *arguments: str, **environ: str) -> Running:
    """Start `train` with ECHO on the tree at `base`."""
    command = [sys.executable, "-m", "kit.echo_train", *arguments]
    return Process(train=command).start("train", base, environ={"PYTHONPATH": str(KIT.parent), **environ})


def ended(process: "Running | subprocess.Popen[str]", base: Path) -> Trained:
    """Wait for `process` to end and say how it did."""
    if isinstance(process, Running):
        status = process.popen.wait(timeout=TIMEOUT_S)
        log = process.text()
    else:
        log, _ = process.communicate(timeout=TIMEOUT_S)
        status = process.returncode
    return Trained(status=status, log=log, failure=Tree(base).failure())


def read_until(process: Running, line: str) -> None:
    """Wait until the log holds `line`; fails if the process ends before it."""
    process.await_text(f"{line}\n", timeout_s=TIMEOUT_S)
