"""build_and_push.sh with the real AWS CLI, set and refusing as a user's may be; KINDRED_AWS_CLI names another CLI."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kit import pushing, standing

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not standing.there(), reason="there is no .venv-standin: make standin"),
]
LEDGER = "kindred-aws.ledger.jsonl"
THEIRS = ("ecr", "create-repository", "--repository-name", "kindred")
MISSING = "echo RepositoryNotFoundException >&2; exit 254"
SETTINGS = {"cli_pager": "PAGER", "cli_auto_prompt": "on", "cli_error_format": "json", "output": "table"}
VARIABLES = {
    "cli_pager": "AWS_PAGER", "cli_auto_prompt": "AWS_CLI_AUTO_PROMPT", "cli_error_format": "AWS_CLI_ERROR_FORMAT",
    "output": "AWS_DEFAULT_OUTPUT",
}  # fmt: skip


@pytest.fixture(scope="module")
def stand_in():
    with standing.stand_in() as server:
        yield server


@pytest.fixture
def room(stand_in, tmp_path):
    """An emptied account, a home of nobody's, and a Docker with which all goes well."""
    stand_in.reset()
    with pushing.room(tmp_path / "docker", stand_in.environment, host="registry.example") as environment:
        _program(tmp_path / "bin" / "docker", 'case "$1" in login) cat >/dev/null ;; esac')
        yield {**environment, "HOME": str(tmp_path), "PATH": f"{tmp_path / 'bin'}{os.pathsep}{environment['PATH']}"}


@pytest.fixture
def script(tmp_path):
    return pushing.small(tmp_path / "clone")


@pytest.mark.parametrize("how", ["by variables", "by a file"])
def test_what_a_user_set_for_reading_is_not_heard(room, script, tmp_path, how):
    """In a terminal, with a pager that would never end and a CLI that would ask: the push goes through alone."""
    _program(tmp_path / "pager", f'touch "{tmp_path}/paged"; sleep 100')
    ended, said = pushing.in_terminal(script=script, cwd=tmp_path, environment={**room, **_set(tmp_path, how)})
    assert ended == 0, said
    assert said.splitlines()[-1].startswith("registry.example/kindred:")
    assert not (tmp_path / "paged").exists()
    assert (tmp_path / LEDGER).read_text().count('"event":"made"') == 2


def test_a_refusal_is_known_however_errors_are_written(room, script, tmp_path):
    """Somebody made the repository a moment ago: cleanup must learn that it is not ours."""
    _program(tmp_path / "bin" / "aws", f'[ "$2" != describe-repositories ] || {{ {MISSING}; }}; {_aws()} "$@"')
    subprocess.run([pushing.AWS, *THEIRS], env=room, check=True, capture_output=True)
    pushed = pushing.push(script=script, cwd=tmp_path, environment={**room, **_set(tmp_path, "by a file")})
    assert pushed.returncode == 1
    assert "RepositoryAlreadyExistsException" in pushed.stderr
    assert [line for line in (tmp_path / LEDGER).read_text().splitlines() if '"event":"failed"' in line]


NOBODY = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
SSO = "[default]\nsso_start_url = https://a.example\nsso_region = eu-west-1\nsso_account_id = 111122223333\n"


@pytest.mark.parametrize(
    ("settings", "config", "advice"),
    [
        (NOBODY, "", "AWS does not know you"),
        ({"AWS_PROFILE": "elsewhere"}, "", "AWS does not know you"),
        (NOBODY, f"{SSO}sso_role_name = reader\n", "AWS does not know you"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, "", "AWS does not answer"),
    ],
    ids=["no keys", "no such profile", "no sso login", "nobody answers"],
)
def test_the_words_of_this_cli_are_understood(room, script, tmp_path, settings, config, advice):
    (tmp_path / "config").write_text(config)
    told = {**room, "AWS_REGION": "eu-west-1", "AWS_CONFIG_FILE": str(tmp_path / "config"), **settings}
    pushed = pushing.push(script=script, cwd=tmp_path, environment=told)
    assert pushed.returncode == 1
    assert pushed.stderr.splitlines()[-1].startswith(f"build_and_push.sh: {advice}"), pushed.stderr


def _set(folder: Path, how: str) -> dict[str, str]:
    """The environment that sets what AWS CLI 2 heeds; version 1 knows only `output`."""
    settings = {**SETTINGS, "cli_pager": str(folder / "pager")}
    if how == "by variables":
        return {VARIABLES[name]: value for name, value in settings.items()}
    (folder / "config").write_text("[default]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    return {"AWS_CONFIG_FILE": str(folder / "config")}


def _aws() -> str:
    return f'exec "{Path(pushing.AWS).absolute()}"'


def _program(path: Path, body: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
    path.chmod(0o755)
