"""What is under test: a program of this machine, or an image; both start as SageMaker starts them."""

import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kindred.testing.logs import Log
from kindred.testing.tree import INSIDE


@dataclass(frozen=True, kw_only=True)
class Running:
    """A program that was started; `send_signal` hands it a signal, `log` is where its stdout and stderr go."""

    popen: "subprocess.Popen[bytes]"
    log: Log
    send_signal: Callable[[int], None]

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        return self.popen.poll()

    def processor_s(self) -> float:
        """Return the processor's time that the process and its ended children used; of processes, on Linux."""
        try:
            stat = Path(f"/proc/{self.popen.pid}/stat").read_text(encoding="ascii", errors="replace")
        except FileNotFoundError:
            return 0.0
        return sum(map(int, stat.rpartition(")")[2].split()[11:15])) / os.sysconf("SC_CLK_TCK")

    def stop(self, *, grace_s: float = 120) -> None:
        """Ask it to end, and end it if it does not within the grace: SageMaker's way."""
        self.send_signal(signal.SIGTERM)
        try:
            self.popen.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once and wait for that."""
        self.send_signal(signal.SIGKILL)
        self.popen.wait()

    def text(self) -> str:
        """Return what it has said so far."""
        return self.log.text()

    def await_text(self, text: str, *, timeout_s: float = 60) -> None:
        """Return once the log holds `text`; raises TimeoutError, with the log, if it ends or tarries before."""
        end = time.monotonic() + timeout_s
        while text not in self.text():
            if self.poll() is not None and text not in self.text():
                raise TimeoutError(f"the program ended with {self.poll()} before {text!r}:\n{self.text()}")
            if time.monotonic() > end:
                raise TimeoutError(f"waited {timeout_s} s in vain for {text!r}:\n{self.text()}")
            time.sleep(0.005)


class Program(Protocol):
    """What can be started with the word `train` or `serve` on a tree."""

    def inside(self, base: Path) -> str:
        """Return the folder that the program takes for /opt/ml when the tree lies at `base`."""

    def start(
        self, word: str, base: Path, *, environ: Mapping[str, str], port: int | None = None, log: Path | None = None
    ) -> Running:
        """Start it; `port` is the one of this machine that reaches a server's, `log` a file that keeps what it says."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """A program of this machine, told of its tree by SAGEMAKER_BASE_DIR, and of its port by SAGEMAKER_BIND_TO_PORT.

    Args:
        train: The command that trains, None if it has none; `serve` likewise.
        largest_file: Bytes that a file may have: the poor man's full disk, where no small one can be mounted.
    """

    train: Sequence[str] | None = None
    serve: Sequence[str] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    largest_file: int | None = None

    def inside(self, base: Path) -> str:
        """Return `base` itself."""
        return str(base)

    def start(
        self, word: str, base: Path, *, environ: Mapping[str, str], port: int | None = None, log: Path | None = None
    ) -> Running:
        """Start the command for `word`; raises ValueError where there is none."""
        command = {"train": self.train, "serve": self.serve}.get(word)
        if command is None:
            raise ValueError(f"this program has no command for {word!r}")
        told = {"SAGEMAKER_BASE_DIR": str(base)}
        if port is not None:
            told["SAGEMAKER_BIND_TO_PORT"] = str(port)
        environ = {**os.environ, **told, **environ, **self.environment}
        popen, said = _popen([*self._limited(), *command], environ, log)
        return Running(popen=popen, log=said, send_signal=popen.send_signal)

    def _limited(self) -> Sequence[str]:
        if self.largest_file is None:
            return ()
        return ("sh", "-c", f'ulimit -f {self.largest_file // 512}; exec "$@"', "sh")


@dataclass(frozen=True, kw_only=True)
class Container:
    """An image, run by Docker as SageMaker runs it: one word, the tree at /opt/ml.

    Without a network unless one is named; `options` go to `docker run`.
    """

    image: str
    network: str = "none"
    options: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def inside(self, base: Path) -> str:  # noqa: ARG002 - the protocol's
        """Return /opt/ml."""
        return INSIDE

    def start(
        self, word: str, base: Path, *, environ: Mapping[str, str], port: int | None = None, log: Path | None = None
    ) -> Running:
        """Start a container under a name of its own, removed when it ends; its port 8080 is `port` of this machine."""
        name = f"kindred-testing-{uuid.uuid4().hex[:12]}"
        network = () if port is not None else ("--network", self.network)
        published = () if port is None else ("--publish", f"127.0.0.1:{port}:8080")
        variables = [f"--env={key}={value}" for key, value in {**environ, **self.environment}.items()]
        mount = ("--volume", f"{base}:{INSIDE}")
        command = ["docker", "run", "--rm", "--name", name, *network, *published, *mount, *variables, *self.options]
        popen, said = _popen([*command, self.image, word], None, log)
        return Running(popen=popen, log=said, send_signal=lambda number: _tell(name, number, popen))


def _popen(
    command: Sequence[str], environ: Mapping[str, str] | None, path: Path | None
) -> "tuple[subprocess.Popen[bytes], Log]":
    log = Log(path)
    popen = subprocess.Popen(
        list(command), stdout=log.fileno(), stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environ
    )
    return popen, log


def _tell(name: str, number: int, popen: "subprocess.Popen[bytes]") -> None:
    """Signal the container's process 1; the client has not made the container yet if it knows none of that name."""
    while popen.poll() is None:
        told = subprocess.run(["docker", "kill", f"--signal={int(number)}", name], capture_output=True, check=False)
        if told.returncode == 0:
            return
        time.sleep(0.02)
