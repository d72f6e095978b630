"""build_and_push.sh with the real AWS CLI: what it leaves in the account is in the ledger, and goes with cleanup."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from kit import distribution, pushing
from kit.accounts import clean, left

pytestmark = pytest.mark.slow
engine = pytest.mark.skipif(sys.platform != "linux", reason="the engine lives in another machine, out of reach")
LEDGER = "kindred-aws.ledger.jsonl"
STUB = 'case "$1" in login) cat >/dev/null ;; esac'
THEIRS = {"repositoryName": "kindred"}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "ecr:BatchGetImage"}],
}


@pytest.fixture
def script(tmp_path):
    """The script in a path with a space, beside a Dockerfile that is built in a second."""
    return pushing.small(tmp_path / "a clone")


@pytest.fixture
def without_docker(aws, tmp_path):
    """An environment with the real AWS CLI, where all goes well that is asked of Docker."""
    with pushing.room(tmp_path / "docker", aws.environment, host="registry.example") as environment:
        yield {**environment, "PATH": f"{_program(tmp_path / 'bin', 'docker', STUB)}{os.pathsep}{environment['PATH']}"}


@pytest.mark.docker
@engine
def test_a_login_is_really_checked(aws, script, tmp_path):
    """A registry that wants another password than ECR gave lets nobody in, and nothing is pushed."""
    (tmp_path / "registry").mkdir()
    with (
        distribution.distribution(tmp_path / "registry", password="another") as taken,
        pushing.room(tmp_path / "docker", aws.environment, host=taken.host) as environment,
    ):
        pushed = pushing.push(script=script, cwd=tmp_path, environment=environment)
    assert pushed.returncode == 1
    assert "401" in pushed.stderr
    assert pushed.stderr.splitlines()[-1].endswith("refuses the login; is it this account's and region's?")
    assert not (taken.folder / "layers").exists()


@pytest.mark.docker
@engine
def test_pushed_again_nothing_is_made_anew(aws, account, registry, script, tmp_path):
    """[8, 18]"""
    with pushing.room(tmp_path / "docker", aws.environment, host=registry.host) as environment:
        first, second = (pushing.push(script=script, cwd=tmp_path, environment=environment) for _ in range(2))
    assert first.returncode == second.returncode == 0, second.stderr
    assert first.stdout == second.stdout
    kind, digest = registry.manifest("kindred", "latest")
    assert kind == "application/vnd.docker.distribution.manifest.v2+json"
    assert first.stdout.splitlines()[0].endswith(f"@{digest}")
    (made,) = account.ask("ecr", "DescribeRepositories", {})["repositories"]
    assert made["imageScanningConfiguration"] == {"scanOnPush": True}
    (statement,) = json.loads(account.ask("ecr", "GetRepositoryPolicy", THEIRS)["policyText"])["Statement"]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert len((tmp_path / LEDGER).read_text().splitlines()) == 4
    assert clean(account, tmp_path / LEDGER) == []
    assert left(account) == {}


def test_a_repository_that_was_there_stays_as_it_is(account, script, without_docker, tmp_path):
    account.ask("ecr", "CreateRepository", THEIRS)
    account.ask("ecr", "SetRepositoryPolicy", {**THEIRS, "policyText": json.dumps(POLICY)})
    assert pushing.push(script=script, cwd=tmp_path, environment=without_docker).returncode == 0
    assert not (tmp_path / LEDGER).exists()
    assert json.loads(account.ask("ecr", "GetRepositoryPolicy", THEIRS)["policyText"]) == POLICY


def test_a_repository_without_a_policy_is_lent_one(account, script, without_docker, tmp_path):
    account.ask("ecr", "CreateRepository", THEIRS)
    assert pushing.push(script=script, cwd=tmp_path, environment=without_docker).returncode == 0
    assert "SageMakerPull" in account.ask("ecr", "GetRepositoryPolicy", THEIRS)["policyText"]
    assert clean(account, tmp_path / LEDGER) == []
    assert set(left(account)) == {"DescribeRepositories"}


@pytest.mark.parametrize(
    ("step", "moment"),
    [
        ("create-repository", "before"), ("create-repository", "after"), ("set-repository-policy", "before"),
        ("set-repository-policy", "after"), ("login", "before"), ("push", "before"),
    ],
)  # fmt: skip
def test_killed_at_any_step_cleanup_leaves_nothing(account, script, without_docker, tmp_path, step, moment):
    """The script dies at once, its command unheard or already obeyed."""
    killing = f'kill -KILL "$(cat "{tmp_path}/pid")"; exit 1'
    for command in ("aws", "docker"):
        real = shutil.which(command, path=without_docker["PATH"])
        _program(tmp_path / "deadly", command, _killer(real, step, moment, killing))
    path = f"{tmp_path / 'deadly'}{os.pathsep}{without_docker['PATH']}"
    started = f'echo $$ >"{tmp_path}/pid"; exec "{pushing.BASH}" "{script}/build_and_push.sh"'
    ended = subprocess.run(
        [pushing.BASH, "-c", started], cwd=tmp_path, env={**without_docker, "PATH": path}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL
    time.sleep(0.3)  # a subshell of the script may write its last line
    assert clean(account, tmp_path / LEDGER) == []
    assert left(account) == {}


def test_ctrl_c_half_way_says_how_to_go_on(account, script, without_docker, tmp_path):
    _program(tmp_path / "bin", "docker", f'{STUB}; [ "$1" != push ] || {{ touch "{tmp_path}/pushing"; sleep 30; }}')
    process = subprocess.Popen(
        [pushing.BASH, str(script / "build_and_push.sh")], cwd=tmp_path, env=without_docker, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=_heeding,
    )  # fmt: skip
    while not (tmp_path / "pushing").exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert "run it again" in said.splitlines()[-1]
    assert set(left(account)) == {"DescribeRepositories"}
    assert clean(account, tmp_path / LEDGER) == []
    assert left(account) == {}


def test_a_ledger_cut_short_by_a_crash_is_mended(account, script, without_docker, tmp_path):
    (tmp_path / LEDGER).write_text('{"number": "x", "event": "int')
    assert pushing.push(script=script, cwd=tmp_path, environment=without_docker).returncode == 0
    assert clean(account, tmp_path / LEDGER) == []
    assert left(account) == {}


def test_what_aws_refused_is_not_taken_away(account, script, without_docker, tmp_path):
    """Made by somebody else between the question and the call: AWS says no, and cleanup touches nothing."""
    real = shutil.which("aws", path=without_docker["PATH"])
    missing = "echo RepositoryNotFoundException >&2; exit 254"
    _program(tmp_path / "bin", "aws", f'case "$2" in describe-repositories) {missing} ;; *) exec "{real}" "$@" ;; esac')
    account.ask("ecr", "CreateRepository", THEIRS)
    pushed = pushing.push(script=script, cwd=tmp_path, environment=without_docker)
    assert pushed.returncode == 1
    assert "RepositoryAlreadyExistsException" in pushed.stderr
    assert clean(account, tmp_path / LEDGER) == []
    assert set(left(account)) == {"DescribeRepositories"}


def _heeding() -> None:
    """What is started in the background ignores Ctrl-C, as does all that it starts; in a terminal it does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _killer(real, step, moment, killing):
    obeyed = f'"{real}" "$@" >/dev/null 2>&1; ' if moment == "after" else ""
    return f'case "$1 $2" in "{step}"* | *" {step}") {obeyed}{killing} ;; *) exec "{real}" "$@" ;; esac'


def _program(folder, name, body):
    folder.mkdir(exist_ok=True)
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!{shutil.which('bash')}\n{body}\n")
    (folder / name).chmod(0o755)
    return folder
