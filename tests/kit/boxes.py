"""Containers as the tests use them: run to their end, or kept until the test is over."""

import http.client
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kindred.testing import asking


def docker(*arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout_s, check=False)


def run(image: str, *command: str, base: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a container to its end without a network, `base` mounted at /opt/ml; what it wrote is readable by all."""
    mount = ["--volume", f"{base}:/opt/ml"] if base else []
    ended = docker("run", "--rm", "--network", "none", *mount, image, *command)
    if base:
        docker("run", "--rm", "--network", "none", *mount, image, "chmod", "-R", "a+rwX", "/opt/ml")
    return ended


@dataclass(frozen=True)
class Box:
    """A running container."""

    id: str

    def logs(self) -> str:
        said = docker("logs", self.id)
        return said.stdout + said.stderr

    def stop(self) -> tuple[int, float]:
        """Stop it as SageMaker does, SIGTERM first; return its exit status and the seconds that took."""
        start = time.monotonic()
        docker("stop", "--time", "30", self.id)
        seconds = time.monotonic() - start
        return int(docker("inspect", "--format", "{{.State.ExitCode}}", self.id).stdout), seconds

    def url(self) -> str:
        return "http://" + docker("port", self.id, "8080").stdout.splitlines()[0]


@contextmanager
def running(image: str, *command: str, options: tuple[str, ...] = ()) -> Iterator[Box]:
    """Start a container and keep it until the block ends."""
    started = docker("run", "--detach", *options, image, *command)
    assert started.returncode == 0, started.stderr
    box = Box(started.stdout.strip())
    try:
        yield box
    finally:
        docker("rm", "--force", box.id)


@contextmanager
def serving(image: str, model: Path, *, options: tuple[str, ...] = ()) -> Iterator[Box]:
    """Serve a model folder, read-only, on a free port, and wait until /ping answers."""
    mount = ("--volume", f"{model}:/opt/ml/model:ro", "--publish", "127.0.0.1::8080")
    with running(image, "serve", options=mount + options) as box:
        wait_for(lambda: answers(box.url() + "/ping"), box=box)
        yield box


def answers(url: str) -> bool:
    try:
        return _send("GET", url).status == 200
    except (OSError, http.client.HTTPException):
        return False


def wait_for(condition, *, box: Box, timeout_s: float = 30) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        state = docker("inspect", "--format", "{{.State.Running}}", box.id).stdout.strip()
        assert state == "true", f"the container ended:\n{box.logs()}"
        assert time.monotonic() < end, f"waited {timeout_s} s in vain:\n{box.logs()}"
        time.sleep(0.05)


def post(url: str, body: bytes, *, content_type: str, accept: str = "*/*") -> bytes:
    answer = _send("POST", url, body, {"Content-Type": content_type, "Accept": accept})
    assert answer.status == 200, answer
    return answer.body


def _send(method: str, url: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> asking.Answer:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return asking.send(parts.port, method, parts.path, body=body, headers=headers, host=parts.hostname, timeout_s=10)
