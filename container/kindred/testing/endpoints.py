"""Serving, run for real: a server on a model folder, asked as SageMaker asks."""

import contextlib
import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kindred.testing.asking import Answer, free_port, send
from kindred.testing.programs import Program, Running

PING_S = 2.0
"""SageMaker takes a ping that is answered later for none."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A server at a port of this machine."""

    port: int
    running: Running

    def ping(self) -> int:
        """Return the status of GET /ping; raises OSError where nobody answers in time."""
        return send(self.port, "GET", "/ping", timeout_s=PING_S).status

    def invoke(self, body: bytes, *, content_type: str, accept: str = "*/*") -> Answer:
        """Post `body` to /invocations."""
        headers = {"Content-Type": content_type, "Accept": accept}
        return send(self.port, "POST", "/invocations", body=body, headers=headers)


@contextlib.contextmanager
def serving(
    program: Program, base: Path, *, environ: Mapping[str, str] | None = None, patience_s: float = 60
) -> Iterator[Endpoint]:
    """Start `serve` on the tree at `base`, yield once /ping answers 200, and stop it with the block.

    Raises TimeoutError, with the log, where it does not answer in time.
    """
    with started(program, base, environ=environ) as endpoint:
        await_answer(endpoint, lambda status: status == 200, patience_s=patience_s)
        yield endpoint


@contextlib.contextmanager
def started(
    program: Program, base: Path, *, environ: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[Endpoint]:
    """Start `serve` at a free port, wait for nothing, and stop it with the block."""
    port = free_port()
    running = program.start("serve", base, environ=environ or {}, port=port, log=log)
    try:
        yield Endpoint(port=port, running=running)
    finally:
        if running.poll() is None:
            running.stop(grace_s=30)


def await_answer(endpoint: Endpoint, wanted: Callable[[int], bool], *, patience_s: float = 60) -> None:
    """Return once /ping answers with a status that is `wanted`; raises TimeoutError, with the log."""
    end = time.monotonic() + patience_s
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if wanted(endpoint.ping()):
                return
        status = endpoint.running.poll()
        if status is not None or time.monotonic() > end:
            said = f"its exit status is {status}" if status is not None else f"it was given {patience_s} s"
            raise TimeoutError(f"serve does not answer /ping as it should; {said}:\n{endpoint.running.text()}")
        time.sleep(0.005)
