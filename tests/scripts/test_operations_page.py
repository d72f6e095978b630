"""The page on operations, typed as it stands by somebody who says yes: no step is missing, and nothing is left."""

import json
import os
import pty
import re
import subprocess
import sys

import pytest

from kit import pushing, standing
from kit.accounts import left
from kit.sources import ROOT

PAGE = ROOT / "docs" / "8-operations.md"
BODY = {"predictions": [{"recommendations": [{"item_id": "a", "title": "Alien", "score": 0.5}]}]}
SET = "ml-latest-small"


def lines() -> list[str]:
    """Return the commands of the page, in their order."""
    (block,) = re.findall(r"<!-- typed by .*? -->\n```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return [line.partition("  #")[0].strip() for line in block.splitlines()]


def test_the_page_has_every_step_of_a_models_life():
    verbs = [line.split()[1] if line.startswith("kindred-aws") else line.split()[0] for line in lines()]
    assert verbs == [
        "./build_and_push.sh", "prepare-data", "create-bucket", "create-role", "upload-data", "train", "register",
        "deploy", "invoke", "mkdir", "upload-data", "transform", "cleanup",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.skipif(sys.platform != "linux", reason="the engine lives in another machine and cannot reach the test")
def test_typed_line_by_line_it_goes_there_and_back(aws, account, registry, tmp_path):
    result = {"Body": json.dumps(BODY), "ContentType": "application/json"}
    body = json.dumps({"region": standing.REGION, "results": [result]})
    aws.post("/moto-api/static/sagemaker/endpoint-results", body.encode())
    clone = pushing.small(tmp_path / "a clone")
    with pushing.room(tmp_path / "docker", aws.environment, host=registry.host) as environment:
        typed = {**environment, "PATH": f"{_command(tmp_path / 'bin')}{os.pathsep}{environment['PATH']}"}
        # Nothing is downloaded in a test: a folder stands where the page names a set.
        said = {line: _type(line.replace(SET, str(ROOT / "sample")), clone, typed) for line in lines()}
        assert "1. Alien" in said["kindred-aws invoke --history 1,2,3"]
        assert "ledger is clear" in _type("kindred-aws cleanup", clone, typed)
    assert registry.tags("kindred")
    assert left(account) == {}


def _command(folder):
    """kindred-aws as `make operator` installs it."""
    folder.mkdir()
    path = os.pathsep.join([str(ROOT), str(ROOT / "container")])
    (folder / "kindred-aws").write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" -m scripts "$@"\n')
    (folder / "kindred-aws").chmod(0o755)
    return folder


def _type(line, folder, environment):
    """Type a line at a terminal, and y where something is asked; return what it printed."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"y\n")
        ended = subprocess.run(
            [pushing.BASH, "-c", line], cwd=folder, env=environment, stdin=theirs, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert ended.returncode == 0, f"{line}\n{ended.stderr}"
    return ended.stdout
