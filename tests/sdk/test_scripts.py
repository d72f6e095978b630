"""The scripts of local_test/ that use the SDK, run to their end as `make local` runs them."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from kit.boxes import docker
from kit.sources import ROOT

SCRIPTS = ROOT / "local_test"
NETWORK = "sagemaker-local"


def run(python: Path, script: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), str(SCRIPTS / script), *arguments], env={**os.environ, **environ},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(params=["sdk2", "sdk3"])
def told(request: pytest.FixtureRequest, tag: str, tmp_path: Path) -> str:
    """What a script says that ran in local mode; nothing of it is left on this machine."""
    python = request.getfixturevalue(request.param)
    before = (networks(), listing(ROOT / "sample"))
    ended = run(python, f"sdk_v{request.param[-1]}.py", "--image", tag, TMPDIR=str(tmp_path))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert tag not in docker("ps", "--all", "--format", "{{.Image}}").stdout.split()
    assert (networks(), listing(ROOT / "sample")) == before
    assert list(tmp_path.iterdir()) == []
    return ended.stdout


def networks() -> list[str]:
    return [name for name in docker("network", "ls", "--format", "{{.Name}}").stdout.split() if name == NETWORK]


def listing(folder: Path) -> list[tuple[str, int]]:
    return [(str(path), path.stat().st_uid) for path in sorted(folder.rglob("*"))]


@pytest.mark.docker
@pytest.mark.slow
def test_a_script_tells_its_story_and_leaves_nothing(told: str) -> None:
    """[2, 60, 62, 121, 128, 183, 184, 185]"""
    answer = re.search(r"CSV: (\S+)$", told, re.MULTILINE)[1].split(",")
    transformed = [line.split(",") for line in re.findall(r"transform, model of two hosts: (\S+)$", told, re.MULTILINE)]
    assert len(answer) == len(set(answer)) == 10
    assert transformed[0] == answer, "two hosts learn what one learns, and a transform answers as an endpoint does"
    assert len(transformed) == 2
    assert told.count("JSON: ") == 3
    assert "JSON: The Matrix, because of " in told, "what the sample's viewers of science fiction saw most"
    assert "left behind: no container, no network, no file" in told


def test_make_local_runs_both() -> None:
    said = subprocess.run(["make", "--dry-run", "local"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line for line in said.splitlines() if "local_test/" in line] == [
        ".venv-sdk2/bin/python local_test/sdk_v2.py", ".venv-sdk3/bin/python local_test/sdk_v3.py",
    ]  # fmt: skip
