"""The story of the scale benchmark: one generated population, one process a measurement, one table."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.scale.worker import HIDDEN, INTERACTIONS, ITEMS, K

RUNS = (("popular", 1), ("als", 2), ("kindred", 1), ("kindred", 2))
PACKAGES = ("numpy", "scipy", "implicit")

PAGE = """\
# One fit at scale

Generated: {items:,} items, {interactions:,} positives, {users:,} users; the most popular tenth of the items has
{top_tenth:.0%} of the positives; {without:,} items have none. Made in {seconds:.0f} s within {gb:.2f} GB.

Machine: {machine}; BLAS on one thread. Peak memory is that of a process of its own, the data in it. NDCG@{k} is that of
{hidden} hidden users, 80 % folded in; the data is made of clusters, so it shows that the fit works, not who is better
on real data. Where the load is above the number of threads, others were working on the machine: then the fit's seconds
are theirs too, and processor time is what compares.

| model | threads | fit, s | processor, s | load | peak, GB | model, MB | one answer of {k}, ms | NDCG@{k} |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
{table}

Ours includes what `train` chooses by itself, λ and the size of the head: {choosing:.1f} s of the fit on {most} threads.
The head holds {head:,} of the items; with what the blocks bring up it has {agreement:.2%} of a full scan's top 20, for
histories that were not learnt from.

ALS: 64 factors, 15 iterations; regularization 1 and alpha 40 were the best on these hidden users of five pairs tried.
Full EASE would hold items × items: 40 GB in single precision.
"""

LEVELS = """\
# Two levels of k-means beside one

Above 20,000 clusters the items are parted into the root of that number first, and each part on its own. Here both
ways are made to cluster the same {items:,} generated items, with fewer items to a cluster than the model has, so that
there are as many clusters as a catalogue of half a million items would get.

Machine: {machine}; one thread.

| | clusters | 1 − cos to the own centroid, in the mean | processor, s |
|---|--:|--:|--:|
{levels}
"""


def run(*, data: Path, results: Path) -> None:  # noqa: ARG001 - every benchmark is called alike
    """Write `scale.md`, `levels.md` and `scale.json` into results."""
    with tempfile.TemporaryDirectory() as folder:
        made = _measure("generate", folder, 1)
        rows = [{"model": model, "threads": threads} | _measure(model, folder, threads) for model, threads in RUNS]
        levels = _measure("levels", folder, 1)["levels"]
    results.mkdir(exist_ok=True)
    (results / "scale.md").write_text(_page(made, rows), encoding="utf-8")
    (results / "levels.md").write_text(_levels_page(levels), encoding="utf-8")
    (results / "scale.json").write_text(
        json.dumps({"population": made, "runs": rows, "levels": levels}, indent=1) + "\n"
    )


def _measure(task: str, folder: str, threads: int) -> dict[str, Any]:
    environ = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.scale.worker", task, folder, str(threads)]
    answer = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=True, text=True)
    figures: dict[str, Any] = json.loads(answer.stdout)
    print(f"scale: {task} on {threads}: {figures['seconds']:.1f} s, {figures['peak_bytes'] / 1e9:.2f} GB", flush=True)
    return figures


def _page(made: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    table = "\n".join(
        f"| {row['model']} | {row['threads']} | {row['seconds']:.1f} | {row['processor_seconds']:.1f} | "
        f"{row['load']:.1f} | {row['peak_bytes'] / 1e9:.2f} | "
        f"{row['model_bytes'] / 1e6:.0f} | {row['answer_seconds'] * 1e3:.2f} | {row['ndcg']:.3f} |"
        for row in rows
    )
    ours = rows[-1]
    told = {
        "choosing": ours["choosing_seconds"],
        "most": ours["threads"],
        "head": ours["head"],
        "agreement": ours["agreement"],
    }
    told |= {"items": ITEMS, "interactions": INTERACTIONS, "hidden": HIDDEN, "k": K, "gb": made["peak_bytes"] / 1e9}
    return PAGE.format(**made, **told, machine=machine.describe(PACKAGES), table=table)


def _levels_page(levels: dict[str, dict[str, float]]) -> str:
    rows = [
        f"| {name} | {one['clusters']:,} | {one['apart']:.4f} | {one['processor_seconds']:.1f} |"
        for name, one in levels.items()
    ]
    return LEVELS.format(items=ITEMS, machine=machine.describe(PACKAGES[:2]), levels="\n".join(rows))
