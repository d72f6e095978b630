"""The real `serve` on two models, asked by its URL and by the name of an endpoint."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from algorithms import jobs, kmeans_jobs
from kindred import client
from kindred.client import Client
from kit.blobs import Blobs, blobs
from kit.runtime import runtime
from kit.transports import OverHttp, process

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1"}


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OverHttp]:
    with process("kit.real_serve", jobs.on_sample(tmp_path_factory.getbasetemp()).base) as served:
        yield served.http


@pytest.fixture(scope="session")
def found() -> Blobs:
    return blobs(3, d=4, each=40)


@pytest.fixture(scope="session")
def vectors(found: Blobs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OverHttp]:
    lines = "\n".join(",".join(map(repr, map(float, row))) for row in found.rows)
    base: Path = tmp_path_factory.mktemp("vectors")
    kmeans_jobs.trained(base, {"train": {"a.csv": lines.encode()}}, k=3)
    with process("kit.real_serve", base) as served:
        yield served.http


@pytest.fixture(scope="session")
def aws(films: OverHttp, vectors: OverHttp) -> Iterator[str]:
    with runtime({"films": films, "vectors": vectors}) as address:
        yield address


@pytest.fixture(params=["http", "endpoint"])
def ask(request: pytest.FixtureRequest, films: OverHttp, vectors: OverHttp, aws: str, monkeypatch):
    """A client of the model of this name, by either way."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": aws}.items():
        monkeypatch.setenv(name, value)

    def ask(name: str) -> Client:
        server = {"films": films, "vectors": vectors}[name]
        return client.http(f"http://{server.host}:{server.port}/") if request.param == "http" else client.endpoint(name)

    return ask
