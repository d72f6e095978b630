"""What is soaked: a model of each algorithm, what it is asked rightly and wrongly, and a `serve` that has it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.serving import stocks
from kindred.codecs import npy, records

JSON, LINES, CSV = "application/json", "application/jsonlines", "text/csv"
RECORDIO, NPY = "application/x-recordio-protobuf", "application/x-npy"
ITEMS, SCORED = 10_000, 2_000
PATIENCE_S = 30
"""MODEL_SERVER_TIMEOUT: what is not answered by then is told so."""

Question = tuple[str, bytes]
"""A content type, and a body."""


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A model's folder made by `write`; what chance asks it; what is wrong in its eyes; what the fuzz damages."""

    name: str
    write: Callable[[Path], object]
    right: Callable[[random.Random], Question]
    large: Callable[[random.Random], Question]
    wrong: Sequence[Question]
    seeds: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Served:
    """A `serve` that answers; `log` is what it has written so far."""

    popen: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def workers(self) -> list[int]:
        tasks = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        return [int(child) for child in tasks.read_text().split()]

    def lines(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if line.startswith("{")]

    def stop(self) -> int:
        """Tell it to end; return its status."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(timeout=40)


@contextmanager
def served(stand: Stand, folder: Path, *, port: int, workers: int) -> Iterator[Served]:
    """Start `serve` on a model that is made in `folder`; it is ended with the block, if not before."""
    stand.write(folder / "model")
    log = folder / "serve.log"
    environ = {
        **os.environ,
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "MODEL_SERVER_WORKERS": str(workers),
        "MODEL_SERVER_TIMEOUT": str(PATIENCE_S),
    }
    with log.open("wb") as out:
        command = [sys.executable, "-m", "kindred.entry", "serve"]
        popen = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env=environ)
    try:
        running = Served(popen=popen, port=port, log=log)
        _await(running, workers)
        yield running
    finally:
        if popen.poll() is None:
            popen.kill()
            popen.wait()


def _await(running: Served, workers: int) -> None:
    for _ in range(200):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{running.port}/ping", timeout=2).close()
            if len(running.workers()) == workers:
                return
        time.sleep(0.05)
    raise TimeoutError("serve does not answer /ping")


def _rows(chance: random.Random, count: int) -> list[list[float]]:
    return [[round(chance.uniform(-9, 9), 3) for _ in range(stocks.FEATURES)] for _ in range(count)]


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    return "".join(",".join(map(str, row)) + "\n" for row in rows).encode()


def _lines(instances: Sequence[object]) -> bytes:
    return "\n".join(map(json.dumps, instances)).encode()


def _vectors(chance: random.Random) -> Question:
    rows = _rows(chance, chance.randint(1, 5))
    made = {
        JSON: lambda: json.dumps({"instances": [{"features": row} for row in rows]}).encode(),
        LINES: lambda: _lines([{"data": {"features": {"values": row}}} for row in rows]),
        CSV: lambda: _csv(rows),
        RECORDIO: lambda: records.encode_features(np.float32(rows)),
        NPY: lambda: npy.encode(np.float32(rows)),
    }
    kind = chance.choice(list(made))
    return kind, made[kind]()


def _many_vectors(chance: random.Random) -> Question:
    """Up to 6 MB: some are held, some are taken block by block."""
    return CSV, _csv(_rows(chance, 100)) * chance.randint(10, 600)


def _history(chance: random.Random, longest: int) -> list[str]:
    return [f"item-{int(ITEMS * chance.random() ** 2)}" for _ in range(chance.randint(1, longest))]


def _subject(chance: random.Random) -> dict[str, object]:
    subjects: Sequence[dict[str, object]] = (
        {"history": _history(chance, 50)},
        {"user_id": f"user-{chance.randrange(ITEMS)}"},
        {"item_id": f"item-{chance.randrange(ITEMS)}", "n": chance.randint(1, 50)},
        {"history": _history(chance, 10), "filter": {"year": {"gte": 1990}}, "explain": False},
        {},
    )
    return chance.choice(subjects)


def _subjects(chance: random.Random) -> Question:
    asked = [_subject(chance) for _ in range(chance.randint(1, 3))]
    made = {
        JSON: lambda: json.dumps({"instances": asked}).encode(),
        LINES: lambda: _lines(asked),
        CSV: lambda: _csv([_history(chance, 20) for _ in asked]),
    }
    kind = chance.choice(list(made))
    return kind, made[kind]()


def _many_subjects(chance: random.Random) -> Question:
    return LINES, _lines([{"history": _history(chance, 20), "n": 5} for _ in range(chance.randint(50, 500))])


ROWS = np.random.default_rng(0).normal(size=(5, stocks.FEATURES)).astype(np.float32)
NOBODYS: Sequence[Question] = (
    (JSON, b"{"),
    (JSON, b"[" * 1000),
    (JSON, b""),
    (JSON, b'{"instances": 3}'),
    (JSON, b'{"instances": [{"a": 1}]}'),
    (LINES, b"{}\n{]\n"),
    (CSV, b'1,"open'),
    (CSV, b"\xff\xfe\x00"),
    ("image/png", b"\x89PNG"),
)
"""Wrong for whatever model."""

STANDS = {
    "kmeans": Stand(
        name="kmeans",
        write=stocks.kmeans,
        right=_vectors,
        large=_many_vectors,
        wrong=(*NOBODYS, (JSON, b"[[1,2,3]]"), (CSV, b"1,x\n"), (NPY, b"\x93NUMPY"), (RECORDIO, b"\x0a\x23\xd7\xce")),
        seeds={
            JSON: json.dumps({"instances": [{"features": row} for row in ROWS[:2].tolist()]}).encode(),
            LINES: b'{"features": {"keys": [1, 3], "shape": [16], "values": [1, 2]}}\n' + _lines(ROWS[:2].tolist()),
            CSV: _csv(ROWS.tolist()),
            RECORDIO: records.encode_features(ROWS),
            NPY: npy.encode(ROWS),
        },
    ),
    "recommender": Stand(
        name="recommender",
        write=lambda folder: stocks.recommender(folder, items=ITEMS, scored=SCORED),
        right=_subjects,
        large=_many_subjects,
        wrong=(*NOBODYS, (JSON, b'[{"n": 0}]'), (JSON, b'[{"user_id": "nobody"}]'), (JSON, b'[{"histroy": []}]')),
        seeds={
            JSON: b'{"instances": [{"history": ["item-1", {"item_id": 2, "rating": 4}], "n": 3, "diversity": 0.5}]}',
            LINES: b'{"user_id": "user-7", "exclude_seen": false}\n{"item_id": "item-3", "filter": {"year": 1990}}',
            CSV: b'item-1,item-2\n"item-3"\nitem-4,nobody\n',
        },
    ),
}
