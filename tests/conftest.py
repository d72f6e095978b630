"""What every test may lean on: where Docker tests run, and the image they run in."""

import gc
import os
import subprocess
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Look for garbage less often: a session holds much, drops little, and spent a tenth of its time on looking."""
    gc.set_threshold(100_000, 20, 50)
    # How long an example takes says how busy the machine is, and nothing of the code.
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A docker-marked test runs where an engine answers; without one it is skipped, on a CI machine it fails."""
    if item.get_closest_marker("docker") is None or engine_answers():
        return
    if os.environ.get("CI") == "true":
        pytest.fail("CI=true, and no Docker Engine answers `docker info`", pytrace=False)
    pytest.skip("no Docker Engine answers `docker info`")


@cache
def engine_answers() -> bool:
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=30, check=False).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def image() -> str:
    """The tag of the image, built as `make image` builds it."""
    built = subprocess.run(["make", "image"], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    if built.returncode != 0:
        pytest.fail(f"`make image` failed:\n{built.stdout[-2000:]}{built.stderr[-4000:]}", pytrace=False)
    return "kindred"
