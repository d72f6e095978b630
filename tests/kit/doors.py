"""The real doors in processes of their own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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


def start(base: Path, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    """Start `train` with ECHO on the tree at `base`; its log is at `.stdout`."""
    return subprocess.Popen(
        [sys.executable, "-m", "kit.echo_train", *arguments],
        env={**os.environ, "PYTHONPATH": str(KIT.parent), "SAGEMAKER_BASE_DIR": str(base), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str], base: Path) -> Trained:
    """Wait for `process` to end and say how it did."""
    log, _ = process.communicate(timeout=TIMEOUT_S)
    failure = base / "output" / "failure"
    text = failure.read_text(encoding="utf-8") if failure.is_file() else None
    return Trained(status=process.returncode, log=log, failure=text)


def read_until(process: subprocess.Popen[str], line: str) -> None:
    """Read the log up to `line`; fails if the process ends before it."""
    assert process.stdout is not None
    for found in process.stdout:
        if found.strip() == line:
            return
    raise AssertionError(f"the log ended before {line!r}")
