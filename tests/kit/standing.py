"""The stand-in AWS as a process of its own, and a listing of all that stands in it."""

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kit.sources import ROOT
from kit.transports import free_port

PYTHON = Path(os.environ.get("KINDRED_STAND_IN", ROOT / ".venv-standin" / "bin" / "python"))
REGION = "eu-west-1"


@dataclass(frozen=True)
class StandIn:
    """`address` is what AWS_ENDPOINT_URL is set to; `environment` is all that a client needs."""

    address: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.address, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip

    def post(self, path: str, body: bytes = b"") -> None:
        asked = urllib.request.Request(self.address + path, data=body, headers={"Content-Type": "application/json"})
        urllib.request.urlopen(asked, timeout=10).read()

    def reset(self) -> None:
        self.post("/moto-api/reset")


def there() -> bool:
    return PYTHON.exists()


def tool(name: str) -> str:
    """A command of the stand-in's environment, such as aws."""
    beside = PYTHON.parent / name
    return str(beside) if beside.exists() else shutil.which(name) or name


@contextmanager
def stand_in() -> Iterator[StandIn]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "PYTHONPATH"}
    process = subprocess.Popen(
        [PYTHON, ROOT / "tests" / "kit" / "stand_in.py", str(port)], env=kept, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        server = StandIn(f"http://127.0.0.1:{port}")
        _answers(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def _answers(server: StandIn, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the stand-in ended"
        try:
            urllib.request.urlopen(server.address + "/moto-api/data.json", timeout=2).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the stand-in does not answer")
