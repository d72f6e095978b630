"""build_and_push.sh as a process, with the real AWS CLI and the real Docker, and nothing of it left on this machine."""

import os
import pty
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from kit import boxes, standing
from kit.sources import ROOT

BASH = os.environ.get("KINDRED_BASH") or shutil.which("bash") or "bash"
"""The shell that the script is tried with; macOS has version 3.2 as /bin/bash."""

AWS = os.environ.get("KINDRED_AWS_CLI") or standing.tool("aws")
"""The AWS CLI that the script is tried with, a file called `aws`; the stand-in's environment has version 1."""

CLONE = ("Dockerfile", ".dockerignore", "build_and_push.sh", "container", "docs/openapi", "locks/image.txt")


def clone(folder: Path) -> Path:
    """Lay out what the script needs of this repository, as a clone of its own with a version."""
    for name in CLONE:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy2(ROOT / name, folder / name)
    versioned(folder)
    return folder


def small(folder: Path) -> Path:
    """Lay out the script beside a Dockerfile that is built in a second."""
    folder.mkdir(parents=True)
    shutil.copy2(ROOT / "build_and_push.sh", folder)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    versioned(folder)
    return folder


def versioned(folder: Path) -> None:
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "a clone"]):
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, "-C", folder, *words], check=True, capture_output=True)


@contextmanager
def room(folder: Path, environment: Mapping[str, str], *, host: str) -> Iterator[dict[str, str]]:
    """Yield an environment in which a push goes to `host`; its login and its images are gone afterwards."""
    folder.mkdir(parents=True)
    plugins = Path.home() / ".docker" / "cli-plugins"
    if plugins.exists():
        (folder / "cli-plugins").symlink_to(plugins)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "REGISTRY", "TAG"))}
    tools = {"PATH": f"{Path(AWS).absolute().parent}{os.pathsep}{os.environ['PATH']}", "DOCKER_CONFIG": str(folder)}
    try:
        yield {**kept, **environment, **tools, "REGISTRY": host}
    finally:
        listed = boxes.docker("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split()
        if mine := [name for name in listed if name.startswith(f"{host}/")]:
            boxes.docker("rmi", *mine)


def push(*arguments: str, script: Path, cwd: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BASH, str(script / "build_and_push.sh"), *arguments], cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def password(environment: Mapping[str, str]) -> str:
    """Return what the AWS CLI prints for a login to the registry."""
    asked = [AWS, "ecr", "get-login-password"]
    return subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def in_terminal(*, script: Path, cwd: Path, environment: Mapping[str, str], timeout_s: float = 60) -> tuple[int, str]:
    """Run the script in a terminal where nobody types; return its status, and what stood there at the end."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BASH, str(script / "build_and_push.sh")], cwd=cwd, env=environment, stdin=theirs, stdout=theirs,
        stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    end = time.monotonic() + timeout_s
    said = b""
    try:
        while select.select([ours], [], [], max(0.0, end - time.monotonic()))[0] and (more := _read(ours)):
            said += more
        assert time.monotonic() < end, f"it waits for somebody: {said.decode()}"
        return process.wait(timeout=10), said.decode()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)


def _read(terminal: int) -> bytes:
    """What stands there to be read; nothing once all programs of the terminal are gone, which Linux calls an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
