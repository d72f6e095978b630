"""Several hosts that share a machine: each a process with a base folder and an address of its own."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.artefact import shelf
from kindred.artefact.shelf import Artefact
from kindred.testing import Process, Running, of_one_machine
from kindred.testing.asking import free_port
from kit import doors, opt_ml
from kit.doors import KIT, Trained

Objects = Mapping[str, Mapping[str, bytes]]
"""The files of each channel, by name."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Hosts in order, the first of which leads: their base folders, and their processes."""

    bases: Sequence[Path]
    running: Sequence[Running]

    def ended(self) -> list[Trained]:
        return [doors.ended(running, base) for running, base in zip(self.running, self.bases, strict=True)]

    def artefact(self) -> Artefact:
        return shelf.open(self.bases[0] / "model")

    def centroids(self) -> NDArray[np.float32]:
        return self.artefact().arrays["centroids"]


def started(base: Path, objects: Sequence[Objects], *, replicated: Sequence[str] = (), **asked: Any) -> Cluster:
    """Start as many hosts as there are `objects`; what each holds of every channel is said there.

    Channels are sharded, but those named in `replicated`. `asked` are hyperparameters; those in capitals go into the
    environment.
    """
    hosts = of_one_machine(len(objects))
    names = sorted({name for each in objects for name in each})
    said = {name: {"S3DistributionType": _distribution(name, replicated)} for name in names}
    environ = {name: str(value) for name, value in asked.items() if name.isupper()}
    environ = {"PYTHONPATH": str(KIT.parent), "KIT_PORT": str(free_port()), **environ}
    for host, each in zip(hosts, objects, strict=True):
        opt_ml.lay_out(
            base / host,
            hyperparameters={name: str(value) for name, value in asked.items() if not name.isupper()},
            channels=each,
            inputdataconfig=said,
            resourceconfig={"current_host": host, "hosts": list(hosts), "network_interface_name": "lo"},
        )
    program = Process(train=[sys.executable, "-m", "kit.several_train"])
    bases = [base / host for host in hosts]
    return Cluster(bases=bases, running=[program.start("train", each, environ=environ) for each in bases])


def _distribution(name: str, replicated: Sequence[str]) -> str:
    return "FullyReplicated" if name in replicated else "ShardedByS3Key"
