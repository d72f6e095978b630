"""build_and_push.sh: what it would do, and what it says where it cannot."""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SETTINGS = {"AWS_REGION": "eu-west-1", "TAG": "1.2.3"}


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """A PATH with neither aws nor docker."""
    for command in ("dirname", "sed", "git", "awk", "grep"):
        (tmp_path / command).symlink_to(shutil.which(command) or command)
    return str(tmp_path)


def test_dry_run_needs_neither_aws_nor_docker(bare):
    ended = _push("--dry-run", path=bare)
    assert ended.returncode == 0, ended.stderr
    assert "docker push" in ended.stdout


def test_dry_run_tells_the_whole_story_in_order(bare):
    story = [line.split()[:3] for line in _push("--dry-run", path=bare).stdout.splitlines()]
    assert [" ".join(words) for words in story] == [
        "account=$(aws sts get-caller-identity",
        "aws ecr create-repository",
        "aws ecr set-repository-policy",
        "aws ecr get-login-password",
        "docker buildx build",
        "docker push $account.dkr.ecr.eu-west-1.amazonaws.com/kindred:1.2.3",
        "docker push $account.dkr.ecr.eu-west-1.amazonaws.com/kindred:latest",
    ]


def test_the_manifest_is_one_that_sagemaker_takes(bare):
    """[8, 9]"""
    build = _line("docker buildx build", path=bare)
    for flag in ("--provenance=false", "--sbom=false", "--output type=docker", "--platform linux/amd64"):
        assert flag in build


def test_the_repository_scans_and_lets_sagemaker_pull(bare):
    """[18]"""
    assert "scanOnPush=true" in _line("aws ecr create-repository", path=bare)
    words = shlex.split(_line("aws ecr set-repository-policy", path=bare))
    (statement,) = json.loads(words[words.index("--policy-text") + 1])["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert set(statement["Action"]) == {
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "ecr:BatchCheckLayerAvailability",
    }


def test_another_registry_and_name(bare):
    ended = _push("--dry-run", "films", path=bare, REGISTRY="registry.example:5000")
    assert "docker push registry.example:5000/films:1.2.3" in ended.stdout
    assert "sts" not in ended.stdout


def test_china_has_a_host_of_its_own(bare):
    assert ".dkr.ecr.cn-north-1.amazonaws.com.cn/" in _push("--dry-run", path=bare, AWS_REGION="cn-north-1").stdout


@pytest.mark.parametrize(
    ("settings", "arguments", "advice"),
    [
        ({}, (), "install it: https://aws.amazon.com/cli"),
        ({"AWS_REGION": ""}, ("--dry-run",), "AWS_REGION=eu-west-1"),
        ({}, ("--drydock",), "valid: --dry-run"),
    ],
)
def test_what_is_missing_is_said_with_its_remedy(bare, settings, arguments, advice):
    ended = _push(*arguments, path=bare, **settings)
    assert ended.returncode == 1
    assert advice in ended.stderr
    assert ended.stdout == ""


def _line(start: str, *, path: str) -> str:
    (line,) = [line for line in _push("--dry-run", path=path).stdout.splitlines() if line.startswith(start)]
    return line


def _push(*arguments: str, path: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "REGISTRY", "TAG"))}
    return subprocess.run(
        [shutil.which("bash") or "bash", str(ROOT / "build_and_push.sh"), *arguments],
        cwd="/", env={**kept, **SETTINGS, **settings, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
