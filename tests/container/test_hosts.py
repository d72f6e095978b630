"""Two containers on a network of their own, each with a part of the data, as SageMaker runs the image on two hosts."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kindred.artefact import shelf
from kit import opt_ml
from kit.blobs import blobs
from kit.boxes import docker

HOSTS = ("algo-1", "algo-2")
ROWS = blobs(3, each=40, d=5).rows


@pytest.fixture
def network() -> Iterator[str]:
    """Containers find each other by name there, and nobody else: it leads nowhere outside."""
    name = f"kindred-hosts-{uuid.uuid4().hex[:8]}"
    assert docker("network", "create", "--internal", name).returncode == 0
    yield name
    docker("network", "rm", name)


@pytest.mark.docker
@pytest.mark.slow
def test_two_containers_train_on_their_parts(image: str, network: str, tmp_path: Path) -> None:
    """[20, 31, 32, 46, 60, 61] the second comes first, when the name of the first does not resolve yet"""
    for host, rows in zip(HOSTS, np.split(ROWS, [50]), strict=True):
        content = "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows).encode()
        opt_ml.lay_out(
            tmp_path / host,
            hyperparameters={"k": "3", "feature_dim": "5", "mini_batch_size": "40"},
            channels={"train": {"part.csv": content}},
            inputdataconfig={"train": {"S3DistributionType": "ShardedByS3Key", "TrainingInputMode": "File"}},
            resourceconfig={"current_host": host, "hosts": list(HOSTS), "network_interface_name": "eth0"},
        )
    followed = _started(image, network, tmp_path, "algo-2")
    led = _started(image, network, tmp_path, "algo-1")
    statuses = [_ended(each) for each in (led, followed)]
    for host in HOSTS:
        docker("run", "--rm", "--volume", f"{tmp_path / host}:/opt/ml", image, "chmod", "-R", "a+rwX", "/opt/ml")
    assert [status for status, _ in statuses] == [0, 0], statuses
    assert "120 rows are spread over 2 hosts: algo-1 50, algo-2 70" in statuses[0][1]
    assert shelf.open(tmp_path / "algo-1" / "model").arrays["sizes"].tolist() == [40, 40, 40]
    assert list((tmp_path / "algo-2" / "model").iterdir()) == []


def _started(image: str, network: str, base: Path, host: str) -> str:
    name = f"{network}-{host}"
    place = ("--network", network, "--network-alias", host, "--hostname", host, "--volume", f"{base / host}:/opt/ml")
    started = docker("run", "--detach", "--name", name, *place, image, "train")
    assert started.returncode == 0, started.stderr
    return name


def _ended(name: str) -> tuple[int, str]:
    """The exit status and the log; the container is gone then."""
    try:
        status = int(docker("wait", name, timeout_s=300).stdout)
        said = docker("logs", name)
        return status, said.stdout + said.stderr
    except subprocess.TimeoutExpired:
        return -1, docker("logs", name).stdout
    finally:
        docker("rm", "--force", name)
