"""Both algorithms behind one multi-model endpoint, in real processes (contract lines 136-145)."""

import json
import random
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from algorithms import jobs
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kit.multi import MULTI, invoke, load, unload
from kit.transports import OverHttp, Process, process

MIB = 1 << 20


def write_kmeans(folder: Path, centroids) -> Path:
    manifest = Manifest(algorithm="kmeans", hyperparameters={}, seed=0, fingerprint="", versions={}, metrics={})
    shelf.write(folder, manifest=manifest, arrays={"centroids": centroids}, strings={})
    return folder


def resident_bytes(served: Process) -> int:
    """Of all workers together."""
    lines = [line for pid in served.workers() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def mapped(served: Process, folder: Path) -> bool:
    return any(str(folder) in Path(f"/proc/{pid}/maps").read_text() for pid in served.workers())


@pytest.mark.slow
def test_memory_is_free_before_the_answer(tmp_path: Path) -> None:
    """[140, 144] When DELETE is answered no worker has the model mapped, and what it filled is free."""
    folder = write_kmeans(tmp_path / "models" / "wide", np.ones((1000, 16_000), np.float32))
    body = json.dumps([[1.0] * 16_000]).encode()
    with process("kit.real_serve", tmp_path, {**MULTI, "MODEL_SERVER_WORKERS": "2"}) as served:
        for _ in range(2):
            assert load(served.http, "wide", folder).status == 200
            assert {invoke(served.http, "wide", body).status for _ in range(12)} == {200}
            full = resident_bytes(served)
            assert mapped(served, folder)
            assert unload(served.http, "wide").status == 200
            assert not mapped(served, folder)
            assert full - resident_bytes(served) > 55 * MIB


@pytest.mark.slow
def test_a_storm(tmp_path: Path) -> None:
    """[137, 140, 141, 144] Loads, unloads and requests at random: no wrong answer, and nothing above 499 but 507."""
    jobs.on_sample(tmp_path)
    recommender = tmp_path / "model"
    if not recommender.is_dir():
        (recommender,) = {path.parent for path in tmp_path.rglob("manifest.json")}
    folders = {f"k{i}": write_kmeans(tmp_path / "models" / f"k{i}", np.float32([[i, 0], [99, 99]])) for i in range(5)}
    folders["films"] = recommender
    asked = dict.fromkeys(folders, b"[[0.0, 0.0]]") | {"films": b'[{"history": [], "n": 3}]'}
    right = {f"k{i}": [{"closest_cluster": 0.0, "distance_to_cluster": float(i)}] for i in range(5)}
    counted: dict[tuple[str, int], int] = {}
    wrong: list[object] = []
    end = time.monotonic() + 8

    def caller(door: OverHttp, seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < end:
            name = chance.choice(sorted(folders))
            verb = chance.choices(("invoke", "load", "unload"), (8, 1, 1))[0]
            if verb == "invoke":
                answer = invoke(door, name, asked[name])
                if answer.status == 200 and name in right and answer.json["predictions"] != right[name]:
                    wrong.append((name, answer.body))
                if (
                    answer.status == 200
                    and name == "films"
                    and len(answer.json["predictions"][0]["recommendations"]) != 3
                ):
                    wrong.append((name, answer.body))
            else:
                answer = load(door, name, folders[name]) if verb == "load" else unload(door, name)
            counted[verb, answer.status] = counted.get((verb, answer.status), 0) + 1

    environ = {**MULTI, "MODEL_SERVER_WORKERS": "3", "KINDRED_MODELS_MB": "1"}
    with process("kit.real_serve", tmp_path, environ) as served:
        callers = [threading.Thread(target=caller, args=(served.http, seed)) for seed in range(6)]
        for each in callers:
            each.start()
        for each in callers:
            each.join()
        alive = len(served.workers())
    assert wrong == []
    assert alive == 3
    assert set(counted) <= {
        ("invoke", 200), ("invoke", 404), ("load", 200), ("load", 409), ("load", 507), ("unload", 200), ("unload", 404),
    }, counted  # fmt: skip
    assert min(counted.get(each, 0) for each in (("invoke", 200), ("load", 200), ("unload", 200))) > 10, counted
