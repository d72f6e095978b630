"""Training jobs of k-means as the front door hands them over."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.algorithms import kmeans
from kindred.algorithms.kmeans_serving import Closest
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.codecs import records
from kindred.contract import hyperparameters
from kindred.contract.port import Channel, Checkpoints, Job, Outcome

MANIFEST = b'[{"prefix": "s3://bucket/data/"}, "matrix_0.pbr", "matrix_1.pbr"]'


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a job left, opened, and what it reported on its way."""

    base: Path
    outcome: Outcome
    closest: Closest
    reported: list[tuple[str, float]]

    @property
    def centroids(self) -> NDArray[np.float32]:
        return self.closest.centroids

    @property
    def sizes(self) -> list[int]:
        return shelf.open(self.base / "model").arrays["sizes"].tolist()

    @property
    def manifest(self) -> Manifest:
        return shelf.open(self.base / "model").manifest

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.base / "model").iterdir()}


@dataclass
class Given:
    """How a job differs from the ordinary one."""

    content_types: Mapping[str, str] = field(default_factory=dict)
    stop: Callable[[threading.Event], None] = lambda _: None
    threads: int = 1
    checkpoints: Checkpoints | None = None


def trained(
    base: Path, channels: Mapping[str, Mapping[str, bytes]], given: Given | None = None, **asked: Any
) -> Trained:
    """Lay out the channels, name → file → bytes, and train; `asked` are hyperparameters, sent as strings."""
    reported: list[tuple[str, float]] = []
    task = job(base, channels, given or Given(), reported, **asked)
    outcome = kmeans.train(task)
    return Trained(base=base, outcome=outcome, closest=kmeans.load(task.model), reported=reported)


def job(
    base: Path,
    channels: Mapping[str, Mapping[str, bytes]],
    given: Given,
    reported: list[tuple[str, float]],
    **asked: Any,
) -> Job:
    stop = threading.Event()
    given.stop(stop)
    for name in ("model", "output"):
        (base / name).mkdir(parents=True)
    return Job(
        name="a-job",
        hyperparameters=hyperparameters.typed(
            {name: str(value) for name, value in asked.items()}, table=kmeans.HYPERPARAMETERS, owner="kmeans"
        ),
        channels={name: _channel(base / "data", name, files, given) for name, files in channels.items()},
        model=base / "model",
        output=base / "output",
        checkpoints=given.checkpoints,
        host="algo-1",
        hosts=("algo-1",),
        threads=given.threads,
        memory_bytes=2**30,
        stop=stop,
        report=lambda name, value: reported.append((name, value)),
    )


def record_set(rows: NDArray[Any], *, files: int = 2) -> dict[str, bytes]:
    """The objects that sagemaker.KMeans.record_set uploads, and the manifest beside them."""
    parts = np.array_split(rows, files)
    matrices = {f"matrix_{number}.pbr": records.encode_features(part) for number, part in enumerate(parts)}
    return {**matrices, ".amazon.manifest": MANIFEST}


def csv(rows: NDArray[Any]) -> bytes:
    return "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows).encode()


def _channel(data: Path, name: str, files: Mapping[str, bytes], given: Given) -> Channel:
    for file, content in files.items():
        path = data / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (data / name).mkdir(parents=True, exist_ok=True)
    return Channel(name=name, folder=data / name, content_type=given.content_types.get(name))
