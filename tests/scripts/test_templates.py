"""The CloudFormation templates: linted, described, made and taken away."""

import os
import subprocess

import pytest
from scripts.aws.session import Account

from kit import standing
from kit.sources import ROOT
from scripts import create_role

TEMPLATES = sorted((ROOT / "infrastructure").glob("*.yaml"))
GIVEN = {
    "foundation": {"BucketName": "my-films", "Pipelines": "yes"},
    "endpoint": {
        "ImageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/kindred:1",
        "ModelDataUrl": "s3://my-films/models/j/output/model.tar.gz",
        "RoleArn": "arn:aws:iam::111122223333:role/kindred",
        "Bucket": "my-films",
    },
}


@pytest.fixture(scope="module", autouse=True)
def _environment():
    if standing.there():
        return
    if os.environ.get("CI") == "true":
        pytest.fail("CI=true, and there is no .venv-standin: make standin", pytrace=False)
    pytest.skip("there is no .venv-standin: make standin")


@pytest.mark.slow
def test_the_linter_has_nothing_to_say():
    ended = subprocess.run(
        [standing.tool("cfn-lint"), "--non-zero-exit-code", "informational", *TEMPLATES],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_stacks_are_made_and_taken_away(monkeypatch):
    with standing.stand_in() as aws:
        for name, value in aws.environment.items():
            monkeypatch.setenv(name, value)
        account = Account(region=standing.REGION)
        for name, given in GIVEN.items():
            _make(account, name, given)
        (role,) = account.ask("iam", "ListRoles", {})["Roles"]
        told = [
            account.ask("iam", "GetRolePolicy", {"RoleName": role["RoleName"], "PolicyName": name})
            for name in account.ask("iam", "ListRolePolicies", {"RoleName": role["RoleName"]})["PolicyNames"]
        ]
        # moto hands a template's policy out as text of its own making.
        wanted = _actions(create_role.policy("b", "r", runs_as="kindred"))
        assert [action for action in wanted if action not in str(told)] == []
        assert len(account.ask("sagemaker", "ListEndpoints", {})["Endpoints"]) == 1
        for name in reversed(GIVEN):
            account.ask("cloudformation", "DeleteStack", {"StackName": name})
        assert account.ask("sagemaker", "ListEndpoints", {})["Endpoints"] == []
        assert account.ask("iam", "ListRoles", {})["Roles"] == []


@pytest.mark.slow
def test_every_parameter_is_described():
    with standing.stand_in() as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        account = Account(region=standing.REGION)
        for template in TEMPLATES:
            told = account.ask("cloudformation", "ValidateTemplate", {"TemplateBody": template.read_text()})
            assert [row["ParameterKey"] for row in told["Parameters"] if not row.get("Description")] == [], template


def _make(account, name, given):
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]
    body = (ROOT / "infrastructure" / f"{name}.yaml").read_text()
    account.ask(
        "cloudformation", "CreateStack",
        {"StackName": name, "TemplateBody": body, "Parameters": parameters, "Capabilities": ["CAPABILITY_NAMED_IAM"]},
    )  # fmt: skip
    (stack,) = account.ask("cloudformation", "DescribeStacks", {"StackName": name})["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack.get("StackStatusReason")


def _actions(policy):
    return {action for statement in policy["Statement"] for action in statement["Action"]}
