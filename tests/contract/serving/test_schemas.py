"""What the OpenAPI documents allow, and more, asked of the real `serve` by schemathesis (docs/6-testing.md)."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from algorithms import jobs
from algorithms.test_many_models import write_kmeans
from kit.multi import MULTI, load
from kit.sdks import sdk
from kit.sources import ROOT
from kit.transports import Process, process

pytestmark = pytest.mark.slow

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
EXAMPLES = 20
"""An operation; as many as a minute has room for."""

ONE_MODEL = "^/(ping|invocations|execution-parameters)$"

LOADED = """
[[operations]]
include-path = ["/models/{name}/invoke"]
parameters = { "path.name" = "NAME" }
[[operations]]
include-path = ["/models/{name}"]
include-method = ["GET"]
parameters = { "path.name" = "NAME" }
[[operations]]
include-path = ["/invocations"]
headers = { X-Amzn-SageMaker-Target-Model = "NAME" }
"""
"""Chance does not find the name of a model that is loaded."""


@pytest.fixture(scope="module")
def schemathesis() -> Path:
    return sdk("schemas").parent / "schemathesis"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By algorithm, the folder of a model."""
    base = tmp_path_factory.mktemp("models")
    return {
        "kmeans": write_kmeans(base / "kmeans", np.float32([[0, 0, 0, 0], [10, 0, 0, 0]])),
        "recommender": jobs.on_sample(base / "recommender").base / "model",
    }


@pytest.fixture(scope="module")
def many(models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with process("kit.real_serve", tmp_path_factory.mktemp("many"), MULTI) as served:
        for name, folder in models.items():
            assert load(served.http, name, folder).status == 200
        yield served


def asked(
    schemathesis: Path, folder: Path, document: Path, served: Process, *, config: str = "", only: str = "."
) -> int:
    """Ask what the document says of the paths that match `only`; return how many questions there were."""
    (folder / "schemathesis.toml").write_text(config)
    command = [
        schemathesis, "--config-file", folder / "schemathesis.toml", "run", document,
        "--url", f"http://127.0.0.1:{served.port}", "--include-path-regex", only, "--checks", ",".join(CHECKS),
        "--max-examples", str(EXAMPLES), "--seed", "1", "--continue-on-failure", "--no-color",
        "--generation-database", "none", "--warnings", "off",
    ]  # fmt: skip
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr
    return int(re.findall(r"([\d,]+) generated", ran.stdout)[-1].replace(",", ""))


@pytest.mark.parametrize("name", ["kmeans", "recommender"])
def test_one_model(schemathesis: Path, models: dict[str, Path], tmp_path: Path, name: str) -> None:
    """[107, 165] No 5xx, and no status, type or shape that the document does not tell of."""
    (tmp_path / "model").symlink_to(models[name])
    with process("kit.real_serve", tmp_path) as served:
        document = ROOT / "docs" / "openapi" / f"{name}.json"
        assert asked(schemathesis, tmp_path, document, served, only=ONE_MODEL) > 100
        assert {line["status"] for line in served.lines()} >= {200, 400}


@pytest.mark.parametrize("name", ["kmeans", "recommender"])
def test_many_models(schemathesis: Path, many: Process, tmp_path: Path, name: str) -> None:
    """[107, 137-141] The same of /models, a loaded model and strangers among the names."""
    document = ROOT / "docs" / "openapi" / f"{name}.json"
    assert asked(schemathesis, tmp_path, document, many, config=LOADED.replace("NAME", name), only="models") > 100
    answered = [line["status"] for line in many.lines() if line.get("model") == name]
    assert {*answered} >= {200, 400}
