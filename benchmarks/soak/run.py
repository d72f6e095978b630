"""Soak `serve`: 32 callers at once, workers killed at random; what must hold afterwards is asserted.

python -m benchmarks.soak.run --seconds 600
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np

from benchmarks.soak.callers import EXPECTED, Said, call
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest

CALLERS = 32
WORKERS = 2
KILL_EVERY_S = (10, 25)
SETTLED = 0.4
"""Of the time: memory is compared from there on."""
MOST_GROWTH_BYTES = 30 << 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--port", type=int, default=18080)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        _write_model(base / "model")
        log = base / "serve.log"
        environ = {
            **os.environ,
            "SAGEMAKER_BASE_DIR": folder,
            "SAGEMAKER_BIND_TO_PORT": str(asked.port),
            "MODEL_SERVER_WORKERS": str(WORKERS),
        }
        with log.open("wb") as out:
            command = [sys.executable, "-m", "kindred.entry", "serve"]
            served = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environ)
        try:
            _await(asked.port)
            said, kills, memory = _soaked(served.pid, asked.port, asked.seconds)
        finally:
            served.send_signal(signal.SIGTERM)
            status = served.wait(timeout=40)
        lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
        return _judged(said, kills, memory, lines, status)


def _write_model(folder: Path) -> None:
    manifest = Manifest(algorithm="kmeans", hyperparameters={}, seed=0, fingerprint="", versions={}, metrics={})
    centroids = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    shelf.write(folder, manifest=manifest, arrays={"centroids": centroids}, strings={})


def _await(port: int) -> None:
    for _ in range(200):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2).close()
            return
        time.sleep(0.05)
    raise TimeoutError("serve does not answer /ping")


def _soaked(pid: int, port: int, seconds: float) -> tuple[list[Said], list[float], list[tuple[float, int]]]:
    end = time.monotonic() + seconds
    said: list[Said] = []

    def caller(seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < end:
            said.append(call(port, chance))

    threads = [threading.Thread(target=caller, args=(seed,)) for seed in range(CALLERS)]
    for thread in threads:
        thread.start()
    kills, memory = _disturbed(pid, end)
    for thread in threads:
        thread.join()
    return said, kills, memory


def _disturbed(pid: int, end: float) -> tuple[list[float], list[tuple[float, int]]]:
    """Kill a worker now and then; measure the largest one's memory every second."""
    chance = random.Random(0)
    kills: list[float] = []
    memory: list[tuple[float, int]] = []
    next_kill = time.monotonic() + chance.uniform(*KILL_EVERY_S)
    begun = time.monotonic()
    while time.monotonic() < end:
        time.sleep(1)
        workers = _workers(pid)
        memory.append(((time.monotonic() - begun) / (end - begun), max(map(_resident, workers), default=0)))
        # None in the last seconds: what is under way then is to end by itself.
        if time.monotonic() > next_kill and workers and end - time.monotonic() > 5:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(workers), signal.SIGKILL)
                kills.append(time.time())
            next_kill = time.monotonic() + chance.uniform(*KILL_EVERY_S)
    return kills, memory


def _judged(
    said: list[Said], kills: list[float], memory: list[tuple[float, int]], lines: list[str], status: int
) -> int:
    told = Counter((each.kind, each.status) for each in said)
    killed = [each for each in said if any(each.began - 1 <= kill <= each.ended + 1 for kill in kills)]
    others = set(map(id, said)) - set(map(id, killed))
    strange = [each for each in said if id(each) in others and each.status not in EXPECTED[each.kind]]
    early = [size for share, size in memory if share < SETTLED]
    late = [size for share, size in memory if share >= SETTLED]
    growth = max(late, default=0) - max(early, default=0)
    logged = Counter(json.loads(line)["status"] for line in lines)
    answered = Counter(each.status for each in said if each.status is not None)
    lost = {code: answered[code] - logged[code] for code in answered if answered[code] > logged[code]}
    faults = sum(each.status is not None and each.status >= 500 for each in said)
    report = {
        "requests": len(said),
        "told": {f"{kind} {code}": count for (kind, code), count in sorted(told.items(), key=str)},
        "workers killed": len(kills),
        "5xx": faults,
        "not as expected, with no worker killed meanwhile": [(each.kind, each.status) for each in strange],
        "lines of log missing, by status": lost,
        "largest worker early and late, MB": [round(max(part, default=0) / 1e6, 1) for part in (early, late)],
        "exit status": status,
    }
    print(json.dumps(report, indent=2))
    good = not strange and not lost and not faults and growth < MOST_GROWTH_BYTES and status == 0
    print("held" if good else "FAILED")
    return 0 if good else 1


def _workers(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    sys.exit(main())
