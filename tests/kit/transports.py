"""Ways to reach the door `serve`: an in-process client, a real process over HTTP; later a container over HTTP."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from flask.testing import FlaskClient

from kindred.contract import app, loading, settings
from kindred.contract.port import Algorithm

TESTS = Path(__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


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
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        chunked = "Transfer-Encoding" in (headers or {})
        with contextlib.closing(connection):
            connection.request(
                method,
                path,
                body=iter([body]) if chunked else body or None,
                headers=dict(headers or {}),
                encode_chunked=chunked,
            )
            response = connection.getresponse()
            lower = {name.lower(): value for name, value in response.getheaders()}
            return Answer(status=response.status, headers=lower, body=response.read())


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
    port, log = free_port(), base / "serve.log"
    started = time.perf_counter()
    with log.open("wb") as out:
        popen = subprocess.Popen(
            [sys.executable, "-m", module],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                "PYTHONPATH": str(TESTS),
                "SAGEMAKER_BASE_DIR": str(base),
                "SAGEMAKER_BIND_TO_PORT": str(port),
                **(environ or {}),
            },
        )
    try:
        await_ping(OverHttp(port), popen)
        yield Process(popen, port, log, time.perf_counter() - started)
    finally:
        popen.send_signal(signal.SIGTERM)
        try:
            popen.wait(timeout=30)
        finally:
            popen.kill()


def await_ping(transport: Transport, popen: "subprocess.Popen[bytes]", *, patience_s: float = 30) -> None:
    """Return as soon as /ping answers, whatever it answers."""
    deadline = time.monotonic() + patience_s
    while popen.poll() is None and time.monotonic() < deadline:
        try:
            transport.send("GET", "/ping")
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise AssertionError(f"serve does not answer /ping; its exit status: {popen.poll()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
