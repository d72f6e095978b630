"""SageMaker's SDKs in environments of their own, a stand-in S3, and the image under a name that nobody else uses."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kindred.testing import asking
from kit.boxes import docker
from kit.sdks import sdk

NETWORK = "sagemaker-local"
"""What the SDK calls its network; it leaves it behind."""

SETTINGS = "SchemaVersion: '1.0'\nSageMaker: {PythonSDK: {Modules: {TelemetryOptOut: true}}}\n"


@pytest.fixture(scope="session")
def sdk2() -> Path:
    return sdk("sdk2")


@pytest.fixture(scope="session")
def sdk3() -> Path:
    return sdk("sdk3")


@pytest.fixture(scope="session")
def tag(image: str) -> Iterator[str]:
    """The image under a name of this run, so that its containers can be told from anybody's; they go at the end."""
    tag = f"kindred-sdk2:{uuid.uuid4().hex[:8]}"
    assert docker("tag", image, tag).returncode == 0
    networks = docker("network", "ls", "--format", "{{.Name}}").stdout.split()
    yield tag
    listed = (line.split() for line in docker("ps", "--all", "--format", "{{.ID}} {{.Image}}").stdout.splitlines())
    for container in [container for container, name in listed if name == tag]:
        docker("rm", "--force", container)
    docker("rmi", tag)
    if NETWORK not in networks:
        docker("network", "rm", NETWORK)


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The stand-in's address, and the environment in which the SDK takes it for AWS."""

    url: str
    environ: dict[str, str]


@pytest.fixture(scope="session")
def cloud(sdk2: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """S3 and STS by moto, for the session."""
    folder = tmp_path_factory.mktemp("cloud")
    with _moto(sdk2, folder / "moto.log") as url:
        (folder / "settings.yaml").write_text(SETTINGS)
        environ = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
            "SAGEMAKER_USER_CONFIG_OVERRIDE": str(folder / "settings.yaml"),
        }
        yield Cloud(url=url, environ={**os.environ, **environ})


@contextmanager
def _moto(python: Path, log: Path) -> Iterator[str]:
    port = asking.free_port()
    with log.open("wb") as out:
        command = [str(python.parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        asking.await_port(port, timeout_s=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.kill()
        server.wait()
