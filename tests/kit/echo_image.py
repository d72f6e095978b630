"""The image with ECHO behind its door, and the two ways in which SageMaker's side starts it: Docker, and local mode."""

import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kindred.testing import asking
from kit import boxes, sdks
from kit.boxes import docker
from kit.sources import ROOT
from kit.transports import TESTS, OverHttp

DOCKERFILE = """\
FROM {image}
COPY kit /opt/tests/kit
ENV PYTHONPATH=/opt/kindred:/opt/tests
RUN printf '#!/bin/sh\\nexec python -m kit.echo_serve\\n' > /opt/kindred/serve
"""


@contextmanager
def built(image: str, folder: Path) -> Iterator[str]:
    """Yield the tag of an image whose `serve` is `kit.echo_serve`."""
    shutil.copytree(TESTS / "kit", folder / "kit", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "Dockerfile").write_text(DOCKERFILE.format(image=image))
    tag = f"kindred-echo:{uuid.uuid4().hex[:8]}"
    made = docker("build", "--tag", tag, str(folder))
    assert made.returncode == 0, made.stderr
    try:
        yield tag
    finally:
        gone = docker("rmi", tag)
    assert gone.returncode == 0, f"a container was left behind: {gone.stderr}"


@contextmanager
def container(tag: str, model: Path) -> Iterator[OverHttp]:
    """A container that serves the model."""
    with boxes.serving(tag, model) as box:
        yield OverHttp(int(box.url().rpartition(":")[2]))


@contextmanager
def local_mode(sdk: str, tag: str, model: Path) -> Iterator[OverHttp]:
    """An endpoint of local mode, by SDK v2 (`sdk2`) or v3 (`sdk3`), that serves the model."""
    port = asking.free_port()
    command = [str(sdks.sdk(sdk)), str(TESTS / "sdk" / "endpoint.py"), tag, str(model), str(port)]
    with tempfile.TemporaryFile("w+") as log, _started(command, log) as holder:
        _await(holder, log, "the endpoint answers")
        yield OverHttp(port, host="localhost")
    assert holder.returncode == 0, holder


@contextmanager
def _started(command: list[str], log: IO[str]) -> Iterator["subprocess.Popen[str]"]:
    """A process that is to end when its stdin does."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True) as holder:
        yield holder


def _await(holder: "subprocess.Popen[str]", log: IO[str], line: str) -> None:
    end = time.monotonic() + 120
    while True:
        log.seek(0)
        said = log.read()
        if f"\n{line}\n" in said:
            return
        assert holder.poll() is None, said
        assert time.monotonic() < end, said
        time.sleep(0.1)
