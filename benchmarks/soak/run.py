"""Soak `serve`: 32 callers at once, workers killed at random; what must hold afterwards is asserted.

python -m benchmarks.soak.run --seconds 600
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.soak import page
from benchmarks.soak.callers import Said, call
from benchmarks.soak.judging import Sample, Soaked, judged
from benchmarks.soak.stands import STANDS, Served, Stand, served

CALLERS = 32
WORKERS = 3
KILL_EVERY_S = (5, 15)
QUIET_S = 5
"""No kill in the last seconds: what is under way then is to end by itself."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="algorithm", help=f"any of {', '.join(STANDS)}; both by default")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--port", type=int, default=18080)
    asked = parser.parse_args()
    held = True
    for name in asked.names or STANDS:
        found = {"seconds": asked.seconds, "callers": CALLERS, "workers": WORKERS}
        found |= judged(_soaked(STANDS[name], asked.port, asked.seconds))
        page.keep("soak", name, found)
        print(name, "held" if found["held"] else f"FAILED: {found}")
        held &= found["held"]
    return 0 if held else 1


def _soaked(stand: Stand, port: int, seconds: float) -> Soaked:
    with tempfile.TemporaryDirectory() as folder, served(stand, Path(folder), port=port, workers=WORKERS) as running:
        end = time.monotonic() + seconds
        said: list[Said] = []

        def caller(seed: int) -> None:
            chance = random.Random(seed)
            while time.monotonic() < end:
                said.append(call(port, stand, chance))

        threads = [threading.Thread(target=caller, args=(seed,)) for seed in range(CALLERS)]
        for thread in threads:
            thread.start()
        kills, samples = _disturbed(running, end)
        for thread in threads:
            thread.join()
        status = running.stop()
        return Soaked(said=said, kills=kills, samples=samples, lines=running.lines(), status=status)


def _disturbed(running: Served, end: float) -> tuple[list[float], list[Sample]]:
    """Kill a worker now and then, never the eldest, whose memory is measured every second."""
    chance = random.Random(0)
    kills: list[float] = []
    samples: list[Sample] = []
    begun, eldest = time.monotonic(), running.workers()[0]
    next_kill = begun + chance.uniform(*KILL_EVERY_S)
    while (now := time.monotonic()) < end:
        time.sleep(1)
        share = (now - begun) / (end - begun)
        samples.append(Sample(share=share, worker=_resident(eldest), first=_resident(running.popen.pid)))
        others = [pid for pid in running.workers() if pid != eldest]
        if now > next_kill and others and end - now > QUIET_S:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(others), signal.SIGKILL)
                kills.append(time.time())
            next_kill = now + chance.uniform(*KILL_EVERY_S)
    return kills, samples


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    sys.exit(main())
