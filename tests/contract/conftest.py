"""One suite, several ways to the door: every test that takes `door` runs over each of WAYS."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import echo_image
from kit.awkward import write_model
from kit.echo import ECHO
from kit.transports import InProcess, OverHttp, Process, Transport, in_process, process


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


@pytest.fixture(scope="session")
def echo_tag(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with echo_image.built(image, tmp_path_factory.mktemp("image")) as tag:
        yield tag


@pytest.fixture(scope="session")
def container(echo_tag: str, model: Path) -> Iterator[OverHttp]:
    with echo_image.container(echo_tag, model) as http:
        yield http


@pytest.fixture(scope="session")
def local_mode_v2(echo_tag: str, model: Path) -> Iterator[OverHttp]:
    with echo_image.local_mode("sdk2", echo_tag, model) as http:
        yield http


@pytest.fixture(scope="session")
def local_mode_v3(echo_tag: str, model: Path) -> Iterator[OverHttp]:
    with echo_image.local_mode("sdk3", echo_tag, model) as http:
        yield http


HEAVY = (pytest.mark.docker, pytest.mark.slow)
WAYS = [
    pytest.param("client", id="in-process"),
    pytest.param("real", id="process"),
    *(
        pytest.param(way, id=way.replace("_", "-"), marks=HEAVY)
        for way in ("container", "local_mode_v2", "local_mode_v3")
    ),
]


@pytest.fixture(params=WAYS)
def door(request: pytest.FixtureRequest) -> Transport:
    way = request.getfixturevalue(request.param)
    return way.http if isinstance(way, Process) else way
