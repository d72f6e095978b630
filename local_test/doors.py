"""The real `train` and `serve` on a temporary /opt/ml: no Docker, no AWS."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent
CHANNELS = ("interactions", "items")
READY_WITHIN_S = 30


def lay_out(base: Path, data: Path) -> None:
    """Make `base` look like /opt/ml: the folder's `interactions` and `items` are channels, or else it is `train`."""
    channels = base / "input" / "data"
    channels.mkdir(parents=True)
    named = [name for name in CHANNELS if (data / name).is_dir()]
    for name in named:
        (channels / name).symlink_to((data / name).resolve())
    if not named:
        (channels / "train").symlink_to(data.resolve())


def train(base: Path) -> list[str]:
    """Run `train` to its end; return the lines of its log. Exits with the failure file's sentence where it fails."""
    done = subprocess.run([BIN / "train"], env=_environ(base), capture_output=True, text=True)
    failure = base / "output" / "failure"
    if done.returncode:
        sys.exit(
            failure.read_text(encoding="utf-8").splitlines()[0] if failure.is_file() else done.stdout + done.stderr
        )
    return (done.stdout + done.stderr).splitlines()


@contextmanager
def serving(base: Path) -> Iterator[str]:
    """Run `serve`; yield its address once /ping answers; end it with SIGTERM, as SageMaker does."""
    port = _free_port()
    log = (base / "serve.log").open("w+", encoding="utf-8")
    process = subprocess.Popen(
        [BIN / "serve"], env=_environ(base) | {"SAGEMAKER_BIND_TO_PORT": str(port)}, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        if not _ready(process, f"{address}/ping"):
            sys.exit(f"serve did not answer /ping:\n{(base / 'serve.log').read_text(encoding='utf-8')}")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=READY_WITHIN_S)
        log.close()


def post(address: str, body: str, *, content_type: str) -> str:
    """Return the answer to POST /invocations. Exits with what the server says where it refuses."""
    request = urllib.request.Request(
        f"{address}/invocations", data=body.encode(), headers={"Content-Type": content_type}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        sys.exit(error.read().decode())


def ask(address: str, instances: list[dict[str, Any]], **options: Any) -> list[dict[str, Any]]:
    """Return the predictions for these instances, asked in JSON."""
    body = json.dumps({"instances": instances, "configuration": options})
    return list(json.loads(post(address, body, content_type="application/json"))["predictions"])


def _environ(base: Path) -> dict[str, str]:
    return os.environ | {"SAGEMAKER_BASE_DIR": str(base)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ready(process: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + READY_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except OSError:
            time.sleep(0.02)
    return False
