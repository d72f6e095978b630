"""build_and_push.sh: what it would do, and what it says where it cannot."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from botocore.loaders import create_loader

from kit.pushing import BASH

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "build_and_push.sh"
SETTINGS = {"AWS_REGION": "eu-west-1", "TAG": "1.2.3"}

pytestmark = pytest.mark.slow  # each runs the script, a tenth of a second


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """A PATH with neither aws nor docker."""
    for command in ("dirname", "sed", "git", "awk", "grep", "cat"):
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


@pytest.mark.parametrize("partition", create_loader().load_data("partitions")["partitions"], ids=lambda one: one["id"])
def test_every_partition_has_a_host_of_its_own(bare, partition):
    """boto3's data knows them all."""
    region = next(name for name in partition["regions"] if not name.endswith("-global"))
    host = f".dkr.ecr.{region}.{partition['outputs']['dnsSuffix']}/"
    assert host in _push("--dry-run", path=bare, AWS_REGION=region).stdout


@pytest.mark.parametrize(
    ("settings", "arguments", "advice"),
    [
        ({}, (), "install it: https://aws.amazon.com/cli"),
        ({"AWS_REGION": ""}, ("--dry-run",), "AWS_REGION=eu-west-1"),
        ({}, ("--drydock",), "valid: --dry-run"),
        ({}, ("Films", "--dry-run"), "takes no repository called 'Films'"),
        ({}, ("-films",), "valid: --dry-run"),
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
    ("received unexpected HTTP status: 500 Internal Server Error", "such as a full disk"),
    ('invalid reference format: repository name "a b"', "a form that Docker does not take"),
]


@pytest.mark.parametrize(("said", "advice"), KNOWN)
def test_a_push_that_fails_says_what_to_do(tools, said, advice):
    ended = _push(path=tools, SAID=said)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert advice in ended.stderr.splitlines()[-1]


AWS_SAYS = [
    ("get-caller-identity", "Unable to locate credentials. You can configure credentials.", "aws sso login"),
    ("get-caller-identity", "(ExpiredToken) when calling: the security token is expired", "the login has expired"),
    ("get-caller-identity", "(InvalidClientTokenId): The security token is invalid", "both its halves"),
    (
        "describe-repositories",
        "Could not connect to the endpoint URL: https://mars",
        "'eu-west-1' written right",
    ),
    ("describe-repositories", "An error occurred (AccessDeniedException): not authorized", "ecr:DescribeRepositories"),
    ("create-repository", "An error occurred (AccessDeniedException): not authorized", "ecr:CreateRepository"),
    ("create-repository", "An error occurred (LimitExceededException): too many", "a quota of the account"),
    ("set-repository-policy", "An error occurred (AccessDeniedException): no", "ecr:SetRepositoryPolicy"),
    ("get-login-password", "An error occurred (AccessDeniedException): no", "ecr:GetAuthorizationToken"),
]


@pytest.mark.parametrize(("operation", "said", "advice"), AWS_SAYS)
def test_what_aws_refuses_is_said_with_its_remedy(tools, tmp_path, operation, said, advice):
    ended = _push(path=tools, cwd=tmp_path, REFUSED=operation, SAID=said, NEW="yes")
    assert ended.returncode == 1
    assert said in ended.stderr
    assert advice in ended.stderr.splitlines()[-1]


DOCKER_SAYS = [
    ("info", "Cannot connect to the Docker daemon", "start Docker Desktop"),
    ("info", "permission denied while trying to connect to the Docker daemon socket", "join its group"),
    ("buildx version", "docker: 'buildx' is not a docker command.", "install the plugin"),
    (
        "--username",
        "Error response from daemon: login attempt failed with status: 401 Unauthorized",
        "refuses the login",
    ),
    ("--username", "Error saving credentials: docker-credential-desktop not found", "credsStore"),
    ("buildx build", "ERROR: failed to solve: something", "the step above says why"),
    ("buildx build", "ERROR: failed to copy: write /var/lib: no space left on device", "the disk is full; make room"),
]


@pytest.mark.parametrize(("step", "said", "advice"), DOCKER_SAYS)
def test_what_docker_refuses_is_said_with_its_remedy(tools, step, said, advice):
    ended = _push(path=tools, REFUSED=step, SAID=said)
    assert ended.returncode == 1
    assert advice in ended.stderr.splitlines()[-1]


def test_without_docker_it_says_where_to_get_it(tools):
    (Path(tools) / "docker").unlink()
    assert "docs.docker.com/get-docker" in _push(path=tools).stderr.splitlines()[-1]


def test_an_oci_manifest_in_the_registry_is_an_error(tools):
    """[8]"""
    ended = _push(path=tools, MANIFEST="application/vnd.oci.image.manifest.v1+json")
    assert ended.returncode == 1
    assert "SageMaker refuses" in ended.stderr.splitlines()[-1]
    assert ended.stdout == ""


def test_a_full_disk_here_is_not_taken_for_a_failed_command(tools):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    (Path(tools) / "log").symlink_to("/dev/full")
    _program(Path(tools) / "mktemp", f"echo '{tools}/log'")
    assert "the disk is full" in _push(path=tools).stderr.splitlines()[-1]


def test_a_ledger_that_cannot_be_written_ends_it_before_anything_is_made(tools, tmp_path):
    ended = _push(path=tools, NEW="yes", LEDGER=str(tmp_path / "no such folder" / "ledger"))
    assert ended.returncode == 1
    assert "LEDGER=" in ended.stderr.splitlines()[-1]
    assert "create-repository" not in (Path(tools) / "asked").read_text()


@pytest.mark.parametrize(
    ("version", "asked"),
    [
        ("aws-cli/1.16.300 Python/3.7", "get-login --no-include-email"),
        ("aws-cli/1.17.9 Python/3.7", "get-login --no-include-email"),
        ("aws-cli/1.17.10 Python/3.7", "get-login-password"),
        ("aws-cli/1.46.3 Python/3.13", "get-login-password"),
        ("aws-cli/2.31.0 Python/3.13", "get-login-password"),
    ],
)
def test_every_version_of_the_aws_cli_logs_in(tools, version, asked):
    ended = _push(path=tools, VERSION=version)
    assert ended.returncode == 0, ended.stderr
    assert f"ecr {asked} " in (Path(tools) / "asked").read_text()
    assert (Path(tools) / "password").read_text() == "sesame"


def test_the_region_is_told_as_both_versions_of_the_cli_read_it(tools):
    """AWS CLI 1 does not read AWS_REGION, and asks nobody who we are without a region."""
    assert _push(path=tools, AWS_REGION="eu-north-1").returncode == 0
    assert set((Path(tools) / "regions").read_text().split()) == {"eu-north-1"}


def test_what_a_user_set_for_reading_is_not_handed_on(tools):
    """test_aws_cli.py shows why, with AWS CLI 2 itself."""
    mine = {"AWS_PAGER": "less", "AWS_CLI_AUTO_PROMPT": "on", "AWS_CLI_ERROR_FORMAT": "json"}
    assert _push(path=tools, **mine).returncode == 0
    assert set((Path(tools) / "heard").read_text().split()) == {"[],off,legacy"}


def test_from_any_folder_and_with_spaces_in_the_path(tools, tmp_path):
    there, here = tmp_path / "a clone", tmp_path / "elsewhere"
    there.mkdir()
    here.mkdir()
    shutil.copy2(SCRIPT, there)
    for cwd, folder in ((here, there), (tmp_path, Path("a clone"))):
        ended = _push(path=tools, cwd=cwd, script=folder / SCRIPT.name, CDPATH=str(tmp_path))
        assert ended.returncode == 0, ended.stderr
    assert (Path(tools) / "asked").read_text().count(str(there)) == 2
    shown = _push("--dry-run", path=tools, cwd=here, script=there / SCRIPT.name).stdout
    assert f"'{there}'\n" in shown


NEWER = {
    "letters' case (4.0)": r"\$\{\w+(\[[^]]*\])?(\^|,)",
    "mapfile (4.0)": r"\b(mapfile|readarray)\b",
    "named arrays (4.0)": r"\b(declare|local|typeset) -\w*[Agn]",
    "&>> (4.0)": r"&>>",
    "|& (4.0)": r"\|&",
    ";& (4.0)": r";;?&",
    "coproc (4.0)": r"\bcoproc\b",
    "transformations (4.4)": r"\$\{[^}]*@[QEPAaUuLK]\}",
    "negative positions (4.2)": r"\$\{\w+: -|\[-\d+\]",
    "printf of times (4.2)": r"%\([^)]*\)T",
    "-v of variables (4.2)": r"\[\[? -v ",
    "wait -n, globstar, lastpipe (4.0 to 4.3)": r"\bwait -n\b|\b(globstar|lastpipe|inherit_errexit)\b",
    "empty arrays, an error before 4.4": r"\$\{\w+\[@\]\}",
}


@pytest.mark.parametrize("what", NEWER)
def test_bash_3_2_knows_all_that_is_used(what):
    """macOS has no newer one. KINDRED_BASH runs these tests with another bash."""
    code = [line for line in SCRIPT.read_text().splitlines() if not line.lstrip().startswith("#")]
    assert [line for line in code if re.search(NEWER[what], line)] == []


@pytest.fixture
def tools(bare):
    """Stand-ins for aws and docker on that PATH: all goes well, but for a push, or what REFUSED names: it says SAID.

    What aws and docker are asked is in the file `asked`; with NEW, there is no repository yet.
    """
    for command in ("bash", "tee", "mktemp", "rm", "date", "tail"):
        (Path(bare) / command).symlink_to(shutil.which(command) or command)
    noted = f'echo "$*" >>"{bare}/asked"\n'
    refusing = f'{noted}case "$*" in *"${{REFUSED:-nothing}}"*) echo "$SAID" >&2; exit 1 ;; esac\n'
    heard = f'echo "[$AWS_PAGER],$AWS_CLI_AUTO_PROMPT,$AWS_CLI_ERROR_FORMAT" >>"{bare}/heard"\n'
    _program(Path(bare) / "aws", f'echo "$AWS_DEFAULT_REGION" >>"{bare}/regions"\n{heard}{refusing}{AWS}')
    _program(Path(bare) / "docker", f"{refusing}{DOCKER.replace('HERE', bare)}")
    return bare


AWS = """
case "$*" in
  --version) echo "${VERSION:-aws-cli/2.0.0 Python/3.13}" ;;
  *get-caller-identity*) echo 111122223333 ;;
  *describe-repositories*) [ -z "${NEW:-}" ] || { echo "(RepositoryNotFoundException)" >&2; exit 1; } ;;
  *get-login-password*) echo sesame ;;
  *get-login*) echo "docker login -u AWS -p sesame https://111122223333.dkr.ecr.eu-west-1.amazonaws.com" ;;
esac
"""
DOCKER = """
case "$1 $2" in
  "push "*) [ -n "${REFUSED:-}" ] || [ -z "${SAID:-}" ] || { echo "$SAID" >&2; exit 1; } ;;
  "buildx build") echo "it is built" ;;
  "login "*) cat >"HERE/password" ;;
  "buildx imagetools") echo "{\\"mediaType\\": \\"${MANIFEST:-}\\"}" ;;
esac
"""


def _program(path: Path, body: str) -> None:
    path.unlink(missing_ok=True)  # it may be a link to the real one
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
    path.chmod(0o755)


def _line(start: str, *, path: str) -> str:
    (line,) = [line for line in _push("--dry-run", path=path).stdout.splitlines() if line.startswith(start)]
    return line


def _push(
    *arguments: str, path: str, cwd: Path | str = "/", script: Path = SCRIPT, **settings: str
) -> subprocess.CompletedProcess[str]:
    mine = ("AWS_", "REGISTRY", "TAG", "LEDGER", "CDPATH", "SAID", "REFUSED", "NEW", "VERSION")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
    return subprocess.run(
        [BASH, str(script), *arguments], cwd=cwd, env={**kept, **SETTINGS, **settings, "PATH": path},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
