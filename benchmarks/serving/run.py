"""The story of the serving benchmark: rounds in which every server has its turn, one table, one page."""

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.serving import allocation, callers, memory, stands, stocks, wrk
from benchmarks.serving.callers import Figures, Question
from benchmarks.serving.page import page
from kindred.artefact import shelf
from kindred.recommender import head

CALLERS = (1, 8, 32)
ROUNDS = int(os.environ.get("SERVING_ROUNDS", "3"))
SECONDS = float(os.environ.get("SERVING_SECONDS", "4"))
STARTS = 5
SMALL, LARGE = 100_000, 1_000_000
HISTORY, TOGETHER = 50, 100
PACKAGES = ("gunicorn", "flask", "msgspec", "numpy")


measured = wrk.measured if wrk.program() else callers.measured
"""The caller: the same for every server."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A server, what it is asked, and how to start it."""

    name: str
    question: Question
    stand: Callable[[], AbstractContextManager[stands.Stand]]


def run(*, data: Path, results: Path) -> None:  # noqa: ARG001 - every benchmark is called alike
    """Write `serving.md` and `.json` into results."""
    low = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        rows = _rows(Path(folder))
        turns: dict[str, list[list[Figures]]] = {row.name: [] for row in rows}
        cpu: dict[str, list[float]] = {row.name: [] for row in rows}
        for _ in range(ROUNDS):
            for row in rows:
                figures, cpu_us = _turn(row)
                turns[row.name].append(figures)
                cpu[row.name].append(cpu_us)
        found = {
            "machine": machine.describe(PACKAGES),
            "nginx": stands.nginx() is not None,
            "wrk": wrk.program() is not None,
            "width": stocks.FEATURES,
            "centres": stocks.CENTRES,
            "rounds": ROUNDS,
            "seconds": SECONDS,
            "rows": {name: [_middle(each) for each in zip(*kept, strict=True)] for name, kept in turns.items()},
            "cpu_us": {name: median(each) for name, each in cpu.items()},
            "starts": [_start(Path(folder), items) for items in (SMALL, LARGE)],
            "together": _together(Path(folder) / str(SMALL)),
            "load": [low, max(low, os.getloadavg()[0])],
        }
    results.mkdir(exist_ok=True)
    (results / "serving.md").write_text(page(found), encoding="utf-8")
    (results / "serving.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _rows(folder: Path) -> Sequence[Row]:
    stocks.kmeans(folder / "kmeans" / "model")
    for items in (SMALL, LARGE):
        scored = head.LEAST if items == SMALL else head.usual(items)
        stocks.recommender(folder / str(items) / "model", items=items, scored=scored)
    centres = folder / "centres.npy"
    np.save(centres, shelf.open(folder / "kmeans" / "model").arrays["centroids"])
    models = {name: stands.make_model(centres, folder, by=name) for name in ("sample", "mlserver")}
    row = np.random.default_rng(2).normal(size=(1, stocks.FEATURES)).round(4)
    line = ",".join(map(str, row[0].tolist())).encode() + b"\n"
    tensor = {"name": "x", "shape": list(row.shape), "datatype": "FP64", "data": row[0].tolist()}
    csv = Question(path="/invocations", body=line, content_type="text/csv", accept="text/csv")
    v2 = Question(
        path="/v2/models/kmeans/infer",
        body=json.dumps({"inputs": [tensor]}).encode(),
        content_type="application/json",
        accept="application/json",
    )
    return (
        Row(name="sample", question=csv, stand=lambda: stands.sample(models["sample"], folder)),
        Row(name="mlserver", question=v2, stand=lambda: stands.mlserver(models["mlserver"], folder)),
        Row(name="kmeans", question=csv, stand=lambda: stands.ours(folder / "kmeans")),
        Row(name="recommender", question=_history(SMALL, 1), stand=lambda: stands.ours(folder / str(SMALL))),
    )


def _history(items: int, instances: int) -> Question:
    instance = {"history": stocks.history(items, length=HISTORY)}
    body = json.dumps({"instances": [instance] * instances}).encode()
    return Question(path="/invocations", body=body, content_type="application/json", accept="application/json")


def _turn(row: Row) -> tuple[list[Figures], float]:
    """The figures of each number of callers, and the server's processor time for a request, µs, over all of them."""
    with row.stand() as stand:
        measured(stands.PORT, row.question, callers=8, seconds=1.0)
        before = stand.cpu_s
        figures = [measured(stands.PORT, row.question, callers=number, seconds=SECONDS) for number in CALLERS]
        cpu_us = (stand.cpu_s - before) / sum(each.answered for each in figures) * 1e6
    print(f"serving: {row.name}: {', '.join(f'{each.per_second:.0f}/s' for each in figures)}", flush=True)
    return figures, cpu_us


def _middle(figures: Sequence[Figures]) -> Mapping[str, Any]:
    return {name: median(getattr(each, name) for each in figures) for name in asdict(figures[0])}


def _start(folder: Path, items: int) -> Mapping[str, Any]:
    ready = []
    for _ in range(STARTS):
        with stands.ours(folder / str(items)) as stand:
            ready.append(stand.ready_s)
            measured(stands.PORT, _history(items, 1), callers=8, seconds=1.0)
            _, *workers = stand.processes
            private = [memory.private_mb(worker) for worker in workers]
    allocated = allocation.peak_mb(folder / str(items) / "model", _history(items, 1).body)
    return {"items": items, "ready_s": median(ready), "private_mb": max(private), "allocated_mb": allocated}


def _together(base: Path) -> Mapping[str, float]:
    """Instances a second of one caller: a hundred in a request, and one."""
    with stands.ours(base):
        measured(stands.PORT, _history(SMALL, 1), callers=8, seconds=1.0)
        many = measured(stands.PORT, _history(SMALL, TOGETHER), callers=1, seconds=SECONDS)
        one = measured(stands.PORT, _history(SMALL, 1), callers=1, seconds=SECONDS)
    return {"together": many.per_second * TOGETHER, "one_by_one": one.per_second}
