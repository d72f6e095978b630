"""More rows than memory through the real `train`: `python -m benchmarks.kmeans.out_of_core --gb 20 --folder DISK`.

Writes the rows in npy shards below the folder, trains on them, and prints one line of JSON: seconds, and the peak of
the memory that is the process's own. What limits the memory is set around it, by `docker run -m` or a cgroup, which
`--tasks` names: the file of a cgroup that `train` enters before it begins.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.kmeans.sets import WIDTH, rows_of_blobs

SHARD_ROWS = 4_000_000
GENERATED_ROWS = 500_000
POLL_S = 0.05


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kmeans.out_of_core", description=__doc__)
    parser.add_argument("--gb", type=float, default=20)
    parser.add_argument("--folder", type=Path, required=True, help="an empty folder with room for the rows")
    parser.add_argument("--tasks", type=Path, help="the file of a cgroup that takes the number of a process")
    parser.add_argument("--k", type=int, default=64)
    parser.add_argument("--method", default="nested")
    asked = parser.parse_args(arguments)
    rows = int(asked.gb * 1e9 / (4 * WIDTH))
    base = asked.folder / "ml"
    _write(base / "input" / "data" / "train", rows)
    _configure(base / "input" / "config", k=asked.k, method=asked.method)
    seconds, cpu, peak, status = _train(base, asked.tasks)
    shutil.rmtree(base / "input" / "data")
    figures = {"gb": asked.gb, "rows": rows, "k": asked.k, "method": asked.method, "status": status}
    print(json.dumps(figures | {"seconds": seconds, "cpu": cpu, "peak_anonymous_bytes": peak}))
    return status


def _write(folder: Path, rows: int) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number, begin in enumerate(range(0, rows, SHARD_ROWS)):
        count = min(SHARD_ROWS, rows - begin)
        shard = np.lib.format.open_memmap(folder / f"{number:03}.npy", "w+", np.float32, (count, WIDTH))
        for low in range(0, count, GENERATED_ROWS):
            part = shard[low : low + GENERATED_ROWS]
            part[:] = rows_of_blobs(len(part), rng)
        shard.flush()


def _configure(folder: Path, **hyperparameters: object) -> None:
    folder.mkdir(parents=True)
    told = {name: str(value) for name, value in hyperparameters.items()}
    (folder / "hyperparameters.json").write_text(json.dumps(told))
    (folder / "inputdataconfig.json").write_text(json.dumps({"train": {"TrainingInputMode": "File"}}))


def _train(base: Path, tasks: Path | None) -> tuple[float, float, int, int]:
    def enter() -> None:
        if tasks is not None:
            tasks.write_text(str(os.getpid()))

    began = time.perf_counter()
    environ = os.environ | {"SAGEMAKER_BASE_DIR": str(base)}
    command = [sys.executable, "-m", "kindred.entry", "train"]
    process = subprocess.Popen(command, env=environ, preexec_fn=enter, stdout=sys.stderr)
    peak, cpu = 0, 0.0
    while process.poll() is None:
        peak, cpu = max(peak, _anonymous(process.pid)), _cpu(process.pid) or cpu
        time.sleep(POLL_S)
    return time.perf_counter() - began, cpu, peak, process.returncode


def _anonymous(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:")), 0)
    except OSError:
        return 0


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
