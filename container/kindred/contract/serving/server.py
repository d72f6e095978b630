"""Gunicorn in this process: it binds the port, forks the workers, drains them when asked to end."""

import gc
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication

from kindred.contract.serving.settings import Settings
from kindred.contract.worker import allocation
from kindred.contract.worker.drain import HeedfulArbiter
from kindred.contract.worker.worker import DoorWorker

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

GRACE_S = 25
"""SageMaker kills the container 30 s after SIGTERM (contract line 99)."""

THREADS = 4
"""Requests that a worker has under way at a time, so that one at work keeps neither another nor /ping waiting."""

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a name, and only written to where it is writable


def run(app: "WSGIApplication", *, settings: Settings, workers: int) -> int:
    """Serve `app` until SIGTERM or SIGINT; return the exit status. The app is shared by all workers, never reloaded."""
    allocation.give_back()
    try:
        _Server(app, configuration(settings, workers=workers)).run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def configuration(settings: Settings, *, workers: int) -> Mapping[str, Any]:
    """Return gunicorn's settings."""
    return {
        "bind": f"0.0.0.0:{settings.port}",
        "backlog": 2048,
        "workers": workers,
        "worker_class": DoorWorker,
        "threads": THREADS,
        "preload_app": True,
        "timeout": settings.timeout_s,
        "graceful_timeout": GRACE_S,
        # Longer than the idle time of the balancers before us, so that they close first and lose no request.
        "keepalive": 75,
        "worker_tmp_dir": scratch(),
        # The socket would be made in $HOME, which need not be writable (contract line 148).
        "control_socket_disable": True,
        # Nobody is asked whether he is a proxy to be believed: no header of one changes an answer.
        "forwarded_allow_ips": "",
        "accesslog": None,
        "loglevel": "debug" if settings.log_level <= 10 else "warning",
    }


def scratch() -> str:
    """Return a folder that can be written to, in memory where there is one.

    Workers touch files as a sign of life; on a disk that could block them.
    """
    return str(_SHARED_MEMORY) if os.access(_SHARED_MEMORY, os.W_OK) else tempfile.gettempdir()


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    def __init__(self, app: "WSGIApplication", options: Mapping[str, Any]) -> None:
        self._app = app
        self._options = options
        super().__init__()

    def run(self) -> None:
        HeedfulArbiter(self).run()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        # What lives now lives for ever: the collector of a worker would touch, and so copy, every shared page.
        gc.freeze()
        return self._app
