"""What the docker mark means: skipped with one plain line on a laptop without an engine, failed on a CI machine."""

import os
import re
import subprocess
import sys

import pytest

from kit.sources import ROOT


@pytest.mark.slow
def test_without_an_engine_docker_tests_are_skipped_in_one_line(tmp_path):
    ended = _pytest(PATH=str(tmp_path), CI="")
    assert ended.returncode == 0, ended.stdout
    skipped = re.findall(r"^SKIPPED.*", ended.stdout, re.MULTILINE)
    assert len(skipped) == 1
    assert "no Docker Engine answers" in skipped[0]


@pytest.mark.slow
def test_without_an_engine_they_fail_on_a_ci_machine(tmp_path):
    ended = _pytest(PATH=str(tmp_path), CI="true")
    assert ended.returncode == 1, ended.stdout
    assert "CI=true, and no Docker Engine answers" in ended.stdout
    assert "skipped" not in ended.stdout


def _pytest(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "docker", "-p", "no:cacheprovider", "tests/container"],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
