"""The image as SageMaker reads it: its papers, its doors and what is in it."""

import json

import pytest

from kit import boxes

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.fixture(scope="module")
def papers(image: str) -> dict:
    return json.loads(boxes.docker("image", "inspect", image).stdout)[0]


def test_starts_train_or_serve_from_path_as_root(papers):
    """[1-4, 7, 11]"""
    assert papers["Config"]["Cmd"] == ["train"]
    assert papers["Config"]["Entrypoint"] is None
    assert papers["Config"]["User"] in ("", "root", "0")


def test_is_one_platform(papers):
    """[9]"""
    assert (papers["Os"], papers["Architecture"]) == ("linux", "amd64")


def test_labels_promise_what_it_can_do(papers):
    """[15-17, 117]"""
    labels = papers["Config"]["Labels"]
    assert labels["com.amazonaws.sagemaker.capabilities.accept-bind-to-port"] == "true"
    assert labels["com.amazonaws.sagemaker.capabilities.multi-models"] == "true"
    assert "com.amazonaws.sagemaker.capabilities.bidirectional-streaming" not in labels
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_the_log_is_not_held_back(papers):
    """[22]"""
    assert "PYTHONUNBUFFERED=1" in papers["Config"]["Env"]


def test_no_compiler_stays_behind(image):
    """[23]"""
    assert boxes.run(image, "bash", "-c", "command -v gcc cc make").stdout == ""


def test_weighs_little(papers):
    """[19, 146]"""
    assert papers["Size"] < 600e6


def test_our_doors_come_first_on_path(image):
    """[1, 2]"""
    found = boxes.run(image, "bash", "-c", "command -v train serve").stdout.split()
    assert found == ["/opt/kindred/train", "/opt/kindred/serve"]


def test_shells_and_python_can_be_run_instead(image):
    """[12, 13]"""
    assert boxes.run(image, "python", "-V").stdout.startswith("Python 3.13")
    assert boxes.run(image, "/bin/bash", "-c", "echo here").stdout == "here\n"
    assert boxes.run(image, "/bin/sh", "-c", "echo here").stdout == "here\n"


def test_libraries_agree_with_each_other(image):
    checked = boxes.run(image, "pip", "check")
    assert checked.returncode == 0, checked.stdout


def test_nothing_is_where_sagemaker_mounts(image):
    """[6]"""
    assert boxes.run(image, "ls", "-A", "/opt/ml").returncode != 0


def test_everybody_may_read_and_start_the_program(image):
    """[5, 148]"""
    unreadable = "find /opt/kindred /opt/libraries ! -perm -o=r -o -type d ! -perm -o=x | head"
    assert boxes.run(image, "bash", "-c", unreadable).stdout == ""
    doors = "find /opt/kindred/train /opt/kindred/serve -perm -o=x | wc -l"
    assert boxes.run(image, "bash", "-c", doors).stdout.strip() == "2"


def test_program_is_compiled_already(image):
    """[147, 148] A start that compiles costs a second, and hosting may give us no place to keep the result."""
    cached = "find /opt/kindred/kindred -name '*.py' | wc -l; find /opt/kindred/kindred -name '*.pyc' | wc -l"
    sources, compiled = boxes.run(image, "bash", "-c", cached).stdout.split()
    assert sources == compiled != "0"
