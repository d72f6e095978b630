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


KNOWN = [
    ("write /blobs: no space left on device", "the disk is full; make room"),
    ("denied: Your authorization token has expired.", "the login has expired"),
    ("tag invalid: The image tag '1.2.3' already exists and is immutable", "TAG=0.1.1"),
    ("name unknown: The repository with name 'kindred' does not exist", "no such repository"),
    ("dial tcp: i/o timeout", "the network broke; run this again"),
    ("toomanyrequests: You have reached your pull rate limit", "limits pulls"),
    ("exec /bin/sh: exec format error", "binfmt --install amd64"),
    ("LimitExceededException: too many images", "a quota of the account"),
    ("denied: requested access to the resource is denied", "ecr:PutImage"),
]


@pytest.mark.parametrize(("said", "advice"), KNOWN)
def test_a_push_that_fails_says_what_to_do(tools, said, advice):
    ended = _push(path=tools, SAID=said)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert advice in ended.stderr.splitlines()[-1]


def test_somebody_whom_aws_does_not_know_is_told_how_to_log_in(tools):
    ended = _push(path=tools, UNKNOWN="yes")
    assert ended.returncode == 1
    assert "aws sso login" in ended.stderr.splitlines()[-1]


@pytest.fixture
def tools(bare):
    """Stand-ins for aws and docker on that PATH: all goes well, but `docker push` says SAID where it is set."""
    for command in ("bash", "tee", "mktemp", "rm", "cat"):
        (Path(bare) / command).symlink_to(shutil.which(command) or command)
    _program(
        Path(bare) / "aws", 'case "$*" in *caller*) [ -z "$UNKNOWN" ] && echo 111122223333 ;; *) echo password ;; esac'
    )
    _program(
        Path(bare) / "docker",
        'case "$1" in push) [ -z "$SAID" ] || { echo "$SAID" >&2; exit 1; } ;; login) cat ;; esac',
    )
    return bare


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
    path.chmod(0o755)


def _line(start: str, *, path: str) -> str:
    (line,) = [line for line in _push("--dry-run", path=path).stdout.splitlines() if line.startswith(start)]
    return line


def _push(*arguments: str, path: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "REGISTRY", "TAG"))}
    return subprocess.run(
        [shutil.which("bash") or "bash", str(ROOT / "build_and_push.sh"), *arguments],
        cwd="/", env={**kept, **SETTINGS, **settings, "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
