"""Ways to reach the door `serve`: an in-process client, a real process over HTTP (containers: kit.echo_image)."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from flask.testing import FlaskClient

from kindred import testing
from kindred.contract.port import Algorithm
from kindred.contract.serving import app, loading, settings
from kindred.testing import asking, endpoints
from kindred.testing.asking import Answer, free_port

TESTS = Path(__file__).parent.parent

__all__ = ["TESTS", "Answer", "InProcess", "OverHttp", "Process", "Transport", "free_port", "in_process", "process"]


class Transport(Protocol):
    def send(self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request, its length declared unless `headers` say `Transfer-Encoding: chunked`."""


@dataclass(frozen=True)
class InProcess:
    client: FlaskClient

    def send(self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        chunked = "Transfer-Encoding" in (headers or {})
        response = self.client.open(
            path,
            method=method,
            data=body,
            headers=dict(headers or {}),
            environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""} if chunked else {},
        )
        lower = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status_code, headers=lower, body=response.data)


@dataclass(frozen=True)
class OverHttp:
    port: int
    host: str = "127.0.0.1"

    def send(self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        return asking.send(self.port, method, path, body=body, headers=headers, host=self.host)


@dataclass(frozen=True)
class Process:
    """A real `serve`; `log` is the file that its stdout and stderr go to."""

    popen: "subprocess.Popen[bytes]"
    port: int
    log: Path
    ready_s: float

    @property
    def http(self) -> OverHttp:
        return OverHttp(self.port)

    def workers(self) -> list[int]:
        tasks = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        return [int(pid) for pid in tasks.read_text().split()]

    def lines(self) -> list[dict[str, Any]]:
        """The log's JSON lines so far: one a request."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


def in_process(algorithms: Sequence[Algorithm], folder: Path, environ: Mapping[str, str] | None = None) -> InProcess:
    """The application, without a server, on the model in `folder`."""
    chosen = settings.read(environ or {})
    _, predictor = loading.load(algorithms, folder=folder)
    return InProcess(app.create(app.Service(settings=chosen, workers=2, predictor=predictor)).test_client())


@contextlib.contextmanager
def process(module: str, base: Path, environ: Mapping[str, str] | None = None) -> Iterator[Process]:
    """A real `serve` on a free port, `python -m module`, with /opt/ml at `base`; it answers /ping when this yields."""
    program = testing.Process(serve=[sys.executable, "-m", module], environment={"PYTHONPATH": str(TESTS)})
    log, since = base / "serve.log", time.perf_counter()
    with endpoints.started(program, base, environ=environ, log=log) as endpoint:
        endpoints.await_answer(endpoint, lambda status: status > 0, patience_s=30)
        yield Process(endpoint.running.popen, endpoint.port, log, time.perf_counter() - since)
