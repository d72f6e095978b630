"""The operator's tests need boto3 and typer; a laptop without them leaves them out, a CI machine must have them."""

import os
from importlib.util import find_spec

import pytest

from kit import distribution, standing

MISSING = [name for name in ("boto3", "typer") if find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING and os.environ.get("CI") != "true" else []


@pytest.fixture(scope="module")
def stand_in():
    """The stand-in AWS, one for a module, and an account of it."""
    from scripts.aws.session import Account

    if not standing.there():
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true, and there is no .venv-standin: make standin", pytrace=False)
        pytest.skip("there is no .venv-standin: make standin")
    with standing.stand_in() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server, Account(region=standing.REGION)


@pytest.fixture
def aws(stand_in):
    """The stand-in AWS, emptied."""
    stand_in[0].reset()
    return stand_in[0]


@pytest.fixture
def account(aws, stand_in):
    del aws
    return stand_in[1]


@pytest.fixture
def registry(aws, tmp_path):
    """A registry that lets in whoever has the password of the account's ECR."""
    from kit import pushing

    if not distribution.COMMAND:
        missing = "there is no docker-registry on PATH; Debian has it as a package"
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true, and {missing}", pytrace=False)
        pytest.skip(missing)
    (tmp_path / "registry").mkdir()
    password = pushing.password({**os.environ, **aws.environment})
    with distribution.distribution(tmp_path / "registry", password=password) as taken:
        yield taken
