"""wrk as the caller, where it is installed: a C program that costs the shared cores a fraction of what Python does."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.serving.callers import TIMEOUT_S, Figures, Question

SCRIPT = """\
local file = io.open(os.getenv("BODY"), "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = os.getenv("CONTENT_TYPE")
wrk.headers["Accept"] = os.getenv("ACCEPT")

function done(summary, latency, requests)
  local wrong = summary.errors
  local lost = wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout
  io.write(string.format('\\n{"answered": %d, "took_us": %d, "p50_us": %d, "p99_us": %d, "wrong": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), lost))
end
"""
"""What wrk asks, and what it says at the end, as a line of JSON."""


def program() -> str | None:
    """Return wrk's path, None where it is not installed."""
    return shutil.which(os.environ.get("KINDRED_WRK", "wrk"))


def measured(port: int, question: Question, *, callers: int, seconds: float) -> Figures:
    """Ask for so many whole seconds, one at least. Raises RuntimeError where an answer was no success, or was lost."""
    found = program()
    assert found is not None
    with tempfile.TemporaryDirectory() as folder:
        script, body = Path(folder) / "ask.lua", Path(folder) / "body"
        script.write_text(SCRIPT)
        body.write_bytes(question.body)
        ran = subprocess.run(
            [found, "-t1", f"-c{callers}", f"-d{max(1, round(seconds))}s", f"--timeout={TIMEOUT_S:.0f}s", "-s", script,
             f"http://127.0.0.1:{port}{question.path}"],
            env={**os.environ, "BODY": str(body), "CONTENT_TYPE": question.content_type, "ACCEPT": question.accept},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    told = json.loads(ran.stdout.splitlines()[-1])
    if told["wrong"] or not told["answered"]:
        raise RuntimeError(f"not all answers were what is expected: {told}")
    return Figures(
        callers=callers,
        answered=told["answered"],
        per_second=told["answered"] / told["took_us"] * 1e6,
        p50_ms=told["p50_us"] / 1e3,
        p99_ms=told["p99_us"] / 1e3,
    )
