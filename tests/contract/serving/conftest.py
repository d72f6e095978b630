"""One suite, several ways to the door: every test that takes `door` runs over each transport."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.awkward import write_model
from kit.echo import ECHO
from kit.transports import InProcess, Process, Transport, in_process, process


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("echo") / "model")


@pytest.fixture(scope="session")
def client(model: Path) -> InProcess:
    return in_process((ECHO,), model)


@pytest.fixture(scope="session")
def batch_client(model: Path) -> InProcess:
    return in_process((ECHO,), model, {"SAGEMAKER_BATCH": "True"})


@pytest.fixture(scope="session")
def real(model: Path) -> Iterator[Process]:
    with process("kit.echo_serve", model.parent) as started:
        yield started


@pytest.fixture(params=["in-process", "process"])
def door(request: pytest.FixtureRequest) -> Transport:
    return request.getfixturevalue("client") if request.param == "in-process" else request.getfixturevalue("real").http
