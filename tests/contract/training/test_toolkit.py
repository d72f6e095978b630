"""Training under the image's own sagemaker-training, which calls many failures a success (contract lines 189-199)."""

import os
import signal
import subprocess

import pytest

from kindred.testing import Container
from kit import doors
from kit.opt_ml import lay_out

pytestmark = [pytest.mark.docker, pytest.mark.slow]

CONFIG = {"resourceconfig": {"current_host": "a", "hosts": ["a"], "network_interface_name": "lo"}}
TOOLKIT = "/opt/libraries/bin/train"
TESTS = "/tests"
CODE = "/opt/kindred"


@pytest.fixture
def start(image):
    """Start the toolkit's `train` with ECHO on a tree."""
    told = {"PYTHONPATH": f"{CODE}:{TESTS}", "SAGEMAKER_TRAINING_MODULE": "kit.echo_toolkit:main"}
    program = Container(image=image, options=("--volume", f"{doors.KIT.parent}:{TESTS}:ro"), environment=told)
    return lambda base: program.start(TOOLKIT, base, environ={})


def laid_out(base, **hyperparameters):
    return lay_out(base, hyperparameters=hyperparameters, inputdataconfig={"train": {}}, **CONFIG)


def test_a_model(start, tmp_path):
    """[189, 197]"""
    places = laid_out(tmp_path)
    assert doors.ended(start(tmp_path), tmp_path).status == 0
    assert (places.model / "echo.json").is_file()


@pytest.mark.parametrize("behaviour", ["exit", "interrupt", "oserror", "eio", "bug", "litter", "memory", "nothing"])
def test_no_failure_ends_with_0(start, tmp_path, behaviour):
    """[190] [191] [192] [193] ours is the text that is kept"""
    laid_out(tmp_path, behaviour=behaviour)
    trained = doors.ended(start(tmp_path), tmp_path)
    assert trained.status == 1
    assert trained.failure.startswith(("ClientError: ", "AlgorithmError: "))


@pytest.mark.parametrize("wrong", [{"lest": "1"}, {"behaviour": "bug"}, {}])
@pytest.mark.parametrize("options", ["ro", "nr_inodes=3"])
def test_a_failure_file_that_cannot_be_made(start, tmp_path, wrong, options):
    """[199] the toolkit's own fails as well then, and it ends with 0"""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    places = laid_out(tmp_path, **wrong)
    places.output.mkdir()
    mount = ["mount", "-t", "tmpfs", "tmpfs", str(places.output)]
    if subprocess.run([*mount, "-o", "size=1m" if options == "ro" else f"size=1m,{options}"]).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        places.output_data.mkdir()
        if options == "ro":
            subprocess.run(["mount", "-o", "remount,ro", str(places.output)], check=True)
        else:
            (places.output / "last").touch()
        assert doors.ended(start(tmp_path), tmp_path).status in (1, 2)
        assert not places.failure.exists()
    finally:
        subprocess.run(["umount", str(places.output)], check=True)


@pytest.mark.parametrize(("least", "status"), [("0", 0), ("1000", 143)])
def test_a_signal(start, tmp_path, least, status):
    """[194] [210] the model so far, or neither a model nor a failure file"""
    laid_out(tmp_path, behaviour="wait", least=least)
    process = start(tmp_path)
    doors.read_until(process, "echo waits")
    process.send_signal(signal.SIGTERM)
    trained = doors.ended(process, tmp_path)
    assert (trained.status, trained.failure) == (status, None)
