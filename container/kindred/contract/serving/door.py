"""The door `serve`: settings, then the model, then the server."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kindred.contract import log, paths, resources
from kindred.contract.paths import Paths
from kindred.contract.port import Algorithm
from kindred.contract.serving import app, loading, server, settings
from kindred.contract.serving.models import MIB, Models
from kindred.contract.serving.registry import Registry
from kindred.errors import UserError

MODELS_SHARE = 0.75
"""Of the memory: what the models of a multi-model endpoint may fill together, unless the user says otherwise."""


def main(algorithms: Sequence[Algorithm], *, environ: Mapping[str, str]) -> int:
    """Serve the model in the model folder until told to end; return the exit status.

    A setting that cannot be ends with 1 at once. A model that is missing or broken does not end us: /ping answers 503,
    so that SageMaker never sends traffic, and the log and every answer say why in one sentence (contract lines 95, 98).
    A multi-model endpoint begins with none, and is content (line 142).
    """
    signal.signal(signal.SIGTERM, _leave)
    log.configure(environ)
    try:
        chosen = settings.read(environ)
    except UserError as error:
        log.LOGGER.error(str(error))
        return 1
    log.LOGGER.setLevel(chosen.log_level)
    workers = chosen.workers or resources.threads()
    places = paths.of(environ)
    if not chosen.multi_model:
        service = _service(algorithms, chosen, workers=workers, folder=places.model)
        return server.run(app.create(service), settings=chosen, workers=workers)
    with _shared_folder() as folder:
        models = models_of(algorithms, chosen, places=places, folder=folder)
        log.LOGGER.info("Serving many models on port %d with %d workers.", chosen.port, workers)
        service = app.Service(settings=chosen, workers=workers, predictor=None, models=models)
        return server.run(app.create(service), settings=chosen, workers=workers)


def models_of(algorithms: Sequence[Algorithm], chosen: settings.Settings, *, places: Paths, folder: Path) -> Models:
    """Return the models of a multi-model endpoint, none yet, whose registry is in `folder`."""
    budget = chosen.models_mb * MIB if chosen.models_mb else int(resources.memory_bytes() * MODELS_SHARE)
    found = (places.models, places.model)
    return Models(Registry(folder), algorithms, budget_bytes=budget, folders=found)


def _service(algorithms: Sequence[Algorithm], chosen: settings.Settings, *, workers: int, folder: Path) -> app.Service:
    try:
        algorithm, predictor = loading.load(algorithms, folder=folder)
    except UserError as error:
        log.LOGGER.error(str(error))
        return app.Service(settings=chosen, workers=workers, predictor=None, reason=str(error))
    log.LOGGER.info("Serving a model of %s on port %d with %d workers.", algorithm.name, chosen.port, workers)
    return app.Service(settings=chosen, workers=workers, predictor=predictor)


@contextlib.contextmanager
def _shared_folder() -> Iterator[Path]:
    """A folder for this server's processes; the first of them, not its forked workers, takes it away at the end."""
    owner = os.getpid()
    folder = Path(tempfile.mkdtemp(prefix="kindred-", dir=server.scratch()))
    try:
        yield folder
    finally:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)


def _leave(*_: object) -> None:
    """As PID 1 we would ignore SIGTERM until gunicorn listens to it."""
    sys.exit(0)
