"""One pass over ever more rows that lie on a disk: `python -m benchmarks.kmeans.by_rows FOLDER`. Prints JSON lines."""

import json
import os
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.kmeans.sets import WIDTH, rows_of_blobs
from benchmarks.kmeans.worker import K
from kindred.clustering.assignment import sweep
from kindred.engine.pool import Threads
from kindred.engine.shards import Local

SIZES, EXTRAPOLATED = (100_000, 1_000_000, 10_000_000), 100_000_000
GENERATED_ROWS = 500_000
PASSES = 3


def main(folder: Path) -> list[dict[str, float]]:
    """Return the processor seconds of a pass, a line a size; the last is extrapolated from the one before."""
    found = []
    for rows in SIZES:
        path = folder / "rows.npy"
        shard = np.lib.format.open_memmap(path, "w+", np.float32, (rows, WIDTH))
        rng = np.random.default_rng(0)
        for low in range(0, rows, GENERATED_ROWS):
            part = shard[low : low + GENERATED_ROWS]
            part[:] = rows_of_blobs(len(part), rng)
        shard.flush()
        del shard
        found.append({"rows": rows} | _pass(path))
        path.unlink()
        print(json.dumps(found[-1]), flush=True)
    each = found[-1]["cpu"] / SIZES[-1]
    return [*found, {"rows": EXTRAPOLATED, "cpu": each * EXTRAPOLATED, "extrapolated": True}]


def _pass(path: Path) -> dict[str, float]:
    shards = Local([np.load(path, mmap_mode="r")])
    centroids = shards.take(np.random.default_rng(0).choice(shards.count, K, replace=False))
    pool, wall, cpu = Threads(len(os.sched_getaffinity(0))), [], []
    for _ in range(PASSES):
        began, burnt = time.perf_counter(), time.process_time()
        sweep(shards, centroids, pool=pool)
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - burnt)
    return {"seconds": median(wall), "cpu": median(cpu), "cpu_ns_per_row": 1e9 * median(cpu) / shards.count}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))[-1]))
