"""The registry that people run (CNCF Distribution), as a process of its own that asks for a password."""

import base64
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kit import standing
from kit.transports import free_port

COMMAND = next(filter(None, map(shutil.which, ("docker-registry", "registry"))), None)
MANIFESTS = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"


@dataclass(frozen=True)
class Distribution:
    """`host` is what an image's name begins with; `folder` is where the layers lie."""

    host: str
    password: str
    folder: Path

    def manifest(self, repository: str, reference: str) -> tuple[str, str]:
        """Return the media type and the digest of what lies under a tag."""
        with self._ask(f"/v2/{repository}/manifests/{reference}") as answer:
            return json.load(answer)["mediaType"], answer.headers["Docker-Content-Digest"]

    def tags(self, repository: str) -> list[str]:
        with self._ask(f"/v2/{repository}/tags/list") as answer:
            return sorted(json.load(answer)["tags"])

    def _ask(self, path: str):
        spoken = base64.b64encode(f"AWS:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {spoken}", "Accept": MANIFESTS}
        return urllib.request.urlopen(urllib.request.Request(f"http://{self.host}{path}", headers=headers), timeout=10)


@contextmanager
def distribution(folder: Path, *, password: str) -> Iterator[Distribution]:
    """Run a registry that lets in the user AWS with this password and nobody else."""
    assert COMMAND, "there is no docker-registry on PATH; Debian has it as a package"
    registry = Distribution(f"127.0.0.1:{free_port()}", password, folder)
    (folder / "htpasswd").write_text(f"AWS:{_hashed(password)}\n")
    settings = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(folder / "layers")}},
        "http": {"addr": registry.host},
        "auth": {"htpasswd": {"realm": "stand-in", "path": str(folder / "htpasswd")}},
    }
    (folder / "settings.yml").write_text(json.dumps(settings))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "REGISTRY_"))}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([COMMAND, "serve", folder / "settings.yml"], env=kept, stdout=log, stderr=log)
    try:
        _listens(registry, process)
        yield registry
    finally:
        process.terminate()
        process.wait(timeout=20)


def _hashed(password: str) -> str:
    told = "import bcrypt, sys; print(bcrypt.hashpw(sys.stdin.read().encode(), bcrypt.gensalt(4)).decode())"
    ended = subprocess.run([standing.PYTHON, "-c", told], input=password, capture_output=True, text=True, check=True)
    return ended.stdout.strip()


def _listens(registry: Distribution, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, (registry.folder / "log").read_text()
        try:
            urllib.request.urlopen(f"http://{registry.host}/v2/", timeout=2)
        except urllib.error.HTTPError:  # who says nothing of himself is not let in
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the registry does not answer")
