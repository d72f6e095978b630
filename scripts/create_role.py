"""create-role: the role that SageMaker takes on, with no more than it needs."""

import json
from typing import Annotated, Any

from typer import Argument, Option

from .aws import links, naming
from .aws.defaults import BUCKET, ROLE_NAME
from .aws.ledger import Ledger
from .aws.plan import MISSING, Ask, Call, Plan

POLICY_NAME = "kindred"
IN_A_VPC = tuple(
    f"ec2:{action}"
    for action in (
        "CreateNetworkInterface", "CreateNetworkInterfacePermission", "DeleteNetworkInterface",
        "DeleteNetworkInterfacePermission", "DescribeDhcpOptions", "DescribeNetworkInterfaces",
        "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs",
    )
)  # fmt: skip
JOB_VERBS = ("Create", "Describe", "Stop")


def plan(
    name: Annotated[str, Argument(help="the role")] = ROLE_NAME,
    *,
    bucket: Annotated[str, Option(help="the bucket that it may read and write")] = BUCKET,
    repository: Annotated[str, Option(help="the ECR repository that it may pull from")] = "kindred",
    pipelines: Annotated[bool, Option("--pipelines", help="it also runs pipelines: it may start their jobs")] = False,
    vpc: Annotated[bool, Option("--vpc", help="its jobs may run in a VPC of yours")] = False,
    ledger: Ledger,
) -> Plan:
    """Make the role that SageMaker takes on, or give one made here before the new policy; --dry-run prints it.

    A role of this name that was not made here is left as it is.
    """
    naming.bucket(bucket)
    allowed = policy(bucket, repository, runs_as=name if pipelines else "", vpc=vpc)
    there = Call(service="iam", operation="GetRole", parameters={"RoleName": name}, why=f"look for {name}", name="role")
    allow = _allow(name, allowed)
    return Plan(
        title=f"make the role {name}",
        effects=(Ask(probe=there, found=(allow,) if _ours(name, ledger) else (), missing=(_create(name), allow)),),
        links=(links.role(name),),
        then="kindred-aws upload-data FOLDER",
    )


def trust() -> dict[str, Any]:
    """Return who may take the role on: SageMaker, for this account."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": "${account}"}},
        }
    )


def policy(bucket: str, repository: str, *, runs_as: str = "", vpc: bool = False) -> dict[str, Any]:
    """Return what the role may do: one bucket, one repository, its own logs and metrics.

    With `runs_as`, its own name, it may also do what a pipeline's steps ask for; with `vpc`, join networks of yours.
    """
    return _document(
        _allowed(f"arn:${{partition}}:s3:::{bucket}", "s3:ListBucket", "s3:GetBucketLocation"),
        _allowed(f"arn:${{partition}}:s3:::{bucket}/*", "s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"),
        _allowed("*", "ecr:GetAuthorizationToken"),
        _allowed(
            f"arn:${{partition}}:ecr:${{region}}:${{account}}:repository/{repository}",
            "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
        ),
        _allowed(
            "arn:${partition}:logs:${region}:${account}:log-group:/aws/sagemaker/*",
            "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents",
        ),
        {
            **_allowed("*", "cloudwatch:PutMetricData"),
            "Condition": {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "aws/sagemaker/*"]}},
        },
        *(_for_pipelines(runs_as) if runs_as else ()),
        *([_allowed("*", *IN_A_VPC)] if vpc else []),
    )  # fmt: skip


def _for_pipelines(role: str) -> tuple[dict[str, Any], ...]:
    """The jobs and packages of a pipeline's steps, whose names SageMaker makes up, and handing the role to them."""
    ours = "arn:${partition}:sagemaker:${region}:${account}"
    passes = _allowed(f"arn:${{partition}}:iam::${{account}}:role/{role}", "iam:PassRole")
    return (
        *(
            _allowed(f"{ours}:{kind}-job/pipelines-*", *(f"sagemaker:{verb}{kind.title()}Job" for verb in JOB_VERBS))
            for kind in ("processing", "training")
        ),
        _allowed(
            f"{ours}:model-package*", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage",
            "sagemaker:DescribeModelPackageGroup",
        ),
        _allowed(f"{ours}:*/*", "sagemaker:AddTags"),
        {**passes, "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}},
    )  # fmt: skip


def _ours(name: str, ledger: Ledger) -> bool:
    """Whether the ledger says that it was made here: a run that broke off may have left it without its policy."""
    return any(each.what == _what(name) and ledger.account in ("", each.account) for each in ledger.standing())


def _what(name: str) -> str:
    return f"role {name}"


def _create(name: str) -> Call:
    undo = (
        Call(
            service="iam", operation="DeleteRolePolicy", parameters={"RoleName": name, "PolicyName": POLICY_NAME},
            why=f"take its policy from {name}", accept=MISSING,
        ),
        Call(
            service="iam", operation="DeleteRole", parameters={"RoleName": name}, why=f"delete {name}", accept=MISSING,
        ),
    )  # fmt: skip
    return Call(
        service="iam", operation="CreateRole", why=f"make the role {name}", name="role", made=_what(name), undo=undo,
        parameters={
            "RoleName": name, "AssumeRolePolicyDocument": json.dumps(trust()),
            "Description": "What SageMaker may do for kindred",
        },
    )  # fmt: skip


def _allow(name: str, allowed: dict[str, Any]) -> Call:
    return Call(
        service="iam", operation="PutRolePolicy", why="allow it what it needs",
        parameters={"RoleName": name, "PolicyName": POLICY_NAME, "PolicyDocument": json.dumps(allowed)},
    )  # fmt: skip


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allowed(resource: str, *actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}
