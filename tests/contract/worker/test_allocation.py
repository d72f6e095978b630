"""Memory that was freed goes back."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from kit.sources import ROOT

PROGRAM = """
import threading
from pathlib import Path
from kindred.contract.worker import allocation

def held():
    fields = Path("/proc/self/statm").read_text().split()
    return (int(fields[1]) - int(fields[2])) * 4096

{before}
begun = held()
kept = []

def work():
    bytearray(3_000_000)
    bodies = []
    for _ in range(20):
        bodies.append(bytearray(b"b") * 2_900_000)
        kept.append(bytearray(1_000))

for _ in range(3):
    threads = [threading.Thread(target=work) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
print(held() - begun)
"""


def left(before: str) -> int:
    environ = {"PYTHONPATH": str(Path(ROOT) / "container")}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)], env=environ, capture_output=True, text=True, check=True
    )
    return int(run.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are not asked")
def test_what_large_bodies_took_goes_back_to_the_system():
    assert left("assert allocation.give_back()") < 4_000_000
    assert left("") > 40_000_000, "or there was nothing to do"
