"""Requests over HTTP as SageMaker sends them, and ports of this machine to send them to."""

import contextlib
import http.client
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def send(
    port: int,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 30,
    host: str = "127.0.0.1",
) -> Answer:
    """Send one request, its length declared unless `headers` say `Transfer-Encoding: chunked`. Raises OSError."""
    chunked = "Transfer-Encoding" in (headers or {})
    with contextlib.closing(http.client.HTTPConnection(host, port, timeout=timeout_s)) as connection:
        content = iter([body]) if chunked else body or None
        connection.request(method, path, body=content, headers=dict(headers or {}), encode_chunked=chunked)
        response = connection.getresponse()
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Answer(status=response.status, headers=lower, body=response.read())


def free_port() -> int:
    """Return a port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int, *, timeout_s: float) -> None:
    """Return once somebody listens at `port`; raises TimeoutError."""
    end = time.monotonic() + timeout_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > end:
                raise TimeoutError(f"nobody listens at port {port} after {timeout_s} s") from error
            time.sleep(0.02)
        else:
            return
