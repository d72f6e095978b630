"""The door `serve`: settings, then the model, then the server."""

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from kindred.contract import app, loading, log, paths, resources, server, settings
from kindred.contract.port import Algorithm
from kindred.errors import UserError


def main(algorithms: Sequence[Algorithm], *, environ: Mapping[str, str]) -> int:
    """Serve the model in the model folder until told to end; return the exit status.

    A setting that cannot be ends with 1 at once. A model that is missing or broken does not end us: /ping answers 503,
    so that SageMaker never sends traffic, and the log and every answer say why in one sentence (contract lines 95, 98).
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
    service = _service(algorithms, chosen, workers=workers, folder=paths.of(environ).model)
    return server.run(app.create(service), settings=chosen, workers=workers)


def _service(algorithms: Sequence[Algorithm], chosen: settings.Settings, *, workers: int, folder: Path) -> app.Service:
    try:
        algorithm, predictor = loading.load(algorithms, folder=folder)
    except UserError as error:
        log.LOGGER.error(str(error))
        return app.Service(settings=chosen, workers=workers, predictor=None, reason=str(error))
    log.LOGGER.info("Serving a model of %s on port %d with %d workers.", algorithm.name, chosen.port, workers)
    return app.Service(settings=chosen, workers=workers, predictor=predictor)


def _leave(*_: object) -> None:
    """As PID 1 we would ignore SIGTERM until gunicorn listens to it."""
    sys.exit(0)
