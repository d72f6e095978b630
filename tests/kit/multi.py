"""A multi-model endpoint without a server, and the calls that SageMaker makes to one."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from kindred.contract import paths
from kindred.contract.port import Algorithm
from kindred.contract.serving import app, door, settings
from kit.transports import Answer, InProcess, Transport

MULTI = {"SAGEMAKER_MULTI_MODEL": "true"}


def multi(algorithms: Sequence[Algorithm], base: Path, environ: Mapping[str, str] | None = None) -> InProcess:
    """The application on the tree at `base`, which has models below `models`; the registry is there too."""
    chosen = settings.read({**MULTI, **(environ or {})})
    registry = base / "registry"
    registry.mkdir(exist_ok=True)
    models = door.models_of(algorithms, chosen, places=paths.under(base), folder=registry)
    return InProcess(app.create(app.Service(settings=chosen, workers=2, predictor=None, models=models)).test_client())


def load(door: Transport, name: str, folder: Path) -> Answer:
    return door.send("POST", "/models", body=json.dumps({"model_name": name, "url": str(folder)}).encode())


def unload(door: Transport, name: str) -> Answer:
    return door.send("DELETE", f"/models/{quote(name, safe='')}")


def invoke(door: Transport, name: str, body: bytes, *, content_type: str = "application/json") -> Answer:
    path = f"/models/{quote(name, safe='')}/invoke"
    return door.send("POST", path, body=body, headers={"Content-Type": content_type})
