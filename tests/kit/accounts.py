"""The operator's verbs carried out in an account without waiting, and a listing of all that stands there."""

from pathlib import Path
from typing import Any

from scripts.aws.ledger import Ledger
from scripts.aws.plan import Plan
from scripts.aws.runner import Runner

from scripts import cleanup

LISTINGS = {
    ("sagemaker", "ListEndpoints"): "Endpoints", ("sagemaker", "ListEndpointConfigs"): "EndpointConfigs",
    ("sagemaker", "ListModels"): "Models", ("sagemaker", "ListTrainingJobs"): "TrainingJobSummaries",
    ("sagemaker", "ListHyperParameterTuningJobs"): "HyperParameterTuningJobSummaries",
    ("sagemaker", "ListModelPackageGroups"): "ModelPackageGroupSummaryList",
    ("sagemaker", "ListModelPackages"): "ModelPackageSummaryList", ("sagemaker", "ListPipelines"): "PipelineSummaries",
    ("s3", "ListBuckets"): "Buckets", ("iam", "ListRoles"): "Roles", ("ecr", "DescribeRepositories"): "repositories",
    ("application-autoscaling", "DescribeScalableTargets"): "ScalableTargets",
    ("application-autoscaling", "DescribeScalingPolicies"): "ScalingPolicies",
    ("logs", "DescribeLogGroups"): "logGroups",
}  # fmt: skip
ASKED = {"ListModelPackages": {"ModelPackageGroupName": "kindred"}}
"""What a listing must be told; a transform job is in none, as its record cannot be deleted, and costs nothing."""


def run(account, ledger_path: Path, plan: Plan, moment: str):
    facts = account.facts()
    ledger = Ledger(ledger_path, account=facts["account"], region=facts["region"])
    known = {**facts, "now": moment}
    return Runner(aws=account, ledger=ledger, known=known, say=lambda _: None, sleep=lambda _: None).run(plan)


def clean(account, ledger_path: Path):
    """Clean up; return what the ledger still holds."""
    facts = account.facts()
    ledger = Ledger(ledger_path, account=facts["account"], region=facts["region"])
    run(account, ledger_path, cleanup.plan(ledger=ledger), "later")
    return ledger.standing()


def left(account) -> dict[str, Any]:
    """Return all that stands in the account, of every kind that the verbs and SageMaker make, by its listing."""
    found = {
        kind: account.ask(service, kind, _asked(service, kind))[where] for (service, kind), where in LISTINGS.items()
    }
    return {kind: things for kind, things in found.items() if things}


def _asked(service: str, kind: str) -> dict[str, str]:
    return {"ServiceNamespace": "sagemaker"} if service == "application-autoscaling" else ASKED.get(kind, {})
