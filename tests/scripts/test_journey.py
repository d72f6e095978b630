"""From nothing to an endpoint that answers and back to nothing, against a stand-in AWS in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest
from scripts.aws.ledger import Ledger
from scripts.aws.plan import Plan
from scripts.aws.refusals import Refused
from scripts.aws.runner import Runner
from scripts.aws.session import Account

from kit import standing
from kit.sources import ROOT
from scripts import (
    cleanup,
    create_bucket,
    create_role,
    deploy,
    invoke,
    pipeline,
    register,
    train,
    transform,
    tune,
    upload_data,
)

pytestmark = pytest.mark.slow
ANSWER = {"predictions": [{"recommendations": [{"item_id": "a", "title": "Alien", "score": 0.5}]}]}
BUCKET = "kindred-123456789012-eu-west-1"


@pytest.fixture(scope="module")
def aws():
    if not standing.there():
        if os.environ.get("CI") == "true":
            pytest.fail("CI=true, and there is no .venv-standin: make standin", pytrace=False)
        pytest.skip("there is no .venv-standin: make standin")
    with standing.stand_in() as server:
        yield server


@pytest.fixture(scope="module")
def client(aws):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        yield Account(region=standing.REGION)


@pytest.fixture
def account(aws, client):
    aws.reset()
    return client


def _journey(data):
    """Every verb, in the order of the README; a job and an endpoint are there before they are asked."""
    return [
        create_bucket.plan(region=standing.REGION), create_role.plan(), upload_data.plan(data), train.plan(name="job"),
        tune.plan(name="search", wait=False), register.plan(job="job"), deploy.plan(job="job"),
        deploy.plan(name="quick", job="job", serverless=True), invoke.plan(history="a,b"),
        transform.plan(f"s3://{BUCKET}/data", name="batch", job="job"), pipeline.plan(start=True),
    ]  # fmt: skip


def _run(account, ledger_path, plan: Plan, moment: str):
    facts = account.facts()
    ledger = Ledger(ledger_path, account=facts["account"], region=facts["region"])
    known = {**facts, "now": moment}
    return Runner(aws=account, ledger=ledger, known=known, say=lambda _: None, sleep=lambda _: None).run(plan)


def _cleanup(account, ledger_path):
    facts = account.facts()
    ledger = Ledger(ledger_path, account=facts["account"], region=facts["region"])
    _run(account, ledger_path, cleanup.plan(ledger=ledger), "later")
    return ledger.standing()


def _standing(account) -> dict[str, list[object]]:
    """All that stands in the account, of every kind that the verbs make, and what is left in log groups."""
    sagemaker = {
        "ListEndpoints": "Endpoints", "ListEndpointConfigs": "EndpointConfigs", "ListModels": "Models",
        "ListTrainingJobs": "TrainingJobSummaries", "ListHyperParameterTuningJobs": "HyperParameterTuningJobSummaries",
        "ListModelPackageGroups": "ModelPackageGroupSummaryList",
        "ListPipelines": "PipelineSummaries",
    }  # fmt: skip
    found = {asked: account.ask("sagemaker", asked, {})[where] for asked, where in sagemaker.items()}
    found["packages"] = account.ask("sagemaker", "ListModelPackages", {"ModelPackageGroupName": "kindred"})[
        "ModelPackageSummaryList"
    ]
    found["buckets"] = account.ask("s3", "ListBuckets", {})["Buckets"]
    found["roles"] = account.ask("iam", "ListRoles", {})["Roles"]
    found["scaling"] = account.ask(
        "application-autoscaling", "DescribeScalableTargets", {"ServiceNamespace": "sagemaker"}
    )["ScalableTargets"]
    found["logs"] = account.ask("logs", "DescribeLogGroups", {})["logGroups"]
    return {kind: things for kind, things in found.items() if things}


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "interactions"
    folder.mkdir(parents=True)
    (folder / "views.csv").write_text("user_id,item_id\na,b\n")
    return folder.parent


def test_there_and_back(aws, account, data, tmp_path):
    aws.post(
        "/moto-api/static/sagemaker/endpoint-results",
        json.dumps(
            {"region": standing.REGION, "results": [{"Body": json.dumps(ANSWER), "ContentType": "application/json"}]}
        ).encode(),
    )
    ledger = tmp_path / "ledger.jsonl"
    for number, plan in enumerate(_journey(data)):
        answers = _run(account, ledger, plan, f"t{number}")
        if plan.show:
            assert "1. Alien" in plan.show(answers)
    # A transform job's record cannot be deleted, and costs nothing.
    assert set(_standing(account)) >= {"ListEndpoints", "ListModels", "packages", "buckets", "roles", "scaling"}
    assert _cleanup(account, ledger) == []
    assert _standing(account) == {}
    assert _cleanup(account, ledger) == []


def test_an_endpoint_is_updated_in_place(account, data, tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    for number, plan in enumerate(
        [*_journey(data)[:4], deploy.plan(job="job"), deploy.plan(job="job", instance="ml.c5.xlarge")]
    ):
        _run(account, ledger, plan, f"t{number}")
    (endpoint,) = account.ask("sagemaker", "ListEndpoints", {})["Endpoints"]
    config = account.ask("sagemaker", "DescribeEndpoint", {"EndpointName": endpoint["EndpointName"]})[
        "EndpointConfigName"
    ]
    assert config.endswith("t5")
    assert _cleanup(account, ledger) == []
    assert _standing(account) == {}


def test_what_was_there_before_stays(account, data, tmp_path):
    account.ask(
        "s3", "CreateBucket", {"Bucket": BUCKET, "CreateBucketConfiguration": {"LocationConstraint": standing.REGION}}
    )
    account.ask("s3", "PutObject", {"Bucket": BUCKET, "Key": "theirs", "Body": b"x"})
    account.ask("iam", "CreateRole", {"RoleName": "kindred", "AssumeRolePolicyDocument": "{}"})
    for number, plan in enumerate(_journey(data)[:4]):
        _run(account, tmp_path / "ledger.jsonl", plan, f"t{number}")
    _cleanup(account, tmp_path / "ledger.jsonl")
    assert set(_standing(account)) == {"buckets", "roles"}
    kept = account.ask("s3", "ListObjectVersions", {"Bucket": BUCKET})
    assert [version["Key"] for version in kept["Versions"]] == ["theirs"]


@dataclass
class Stopping:
    """Ctrl-C at the request of this number: before AWS heard of it, or after it did and before the answer came."""

    account: Account
    left: int
    after: bool

    def ask(self, service, operation, parameters):
        return self._count(lambda: self.account.ask(service, operation, parameters))

    def upload(self, file, *, bucket, key):
        return self._count(lambda: self.account.upload(file, bucket=bucket, key=key))

    def facts(self):
        return self.account.facts()

    def _count(self, act):
        self.left -= 1
        if self.left == 0 and not self.after:
            raise KeyboardInterrupt
        try:
            return act()
        finally:
            if self.left == 0:
                raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True], ids=["unheard", "unanswered"])
def test_after_a_crash_at_every_single_request_cleanup_leaves_nothing(aws, account, data, tmp_path, after):
    requests = 0
    while True:
        requests += 1
        aws.reset()
        ledger = tmp_path / f"{requests}.jsonl"
        stopping = Stopping(account, requests, after)
        try:
            for number, plan in enumerate(plan for plan in _journey(data) if not plan.show):
                _run(stopping, ledger, plan, f"t{number}")
        except KeyboardInterrupt:
            assert _cleanup(account, ledger) == [], requests
            assert _standing(account) == {}, requests
        else:
            break
    assert requests > 30


def test_a_crash_within_cleanup_is_cleaned_up(aws, account, data, tmp_path):
    for requests in range(1, 60, 4):
        aws.reset()
        ledger = tmp_path / f"{requests}.jsonl"
        for number, plan in enumerate(plan for plan in _journey(data) if not plan.show):
            _run(account, ledger, plan, f"t{number}")
        try:
            _cleanup(Stopping(account, requests, after=True), ledger)
        except KeyboardInterrupt:
            assert _cleanup(account, ledger) == []
        assert _standing(account) == {}, requests


def test_a_bucket_with_versions_goes_with_all_of_them(account, tmp_path):
    _run(account, tmp_path / "l", create_bucket.plan("my-films", region=standing.REGION), "t")
    account.ask("s3", "PutBucketVersioning", {"Bucket": "my-films", "VersioningConfiguration": {"Status": "Enabled"}})
    for body in (b"1", b"2"):
        account.ask("s3", "PutObject", {"Bucket": "my-films", "Key": "a", "Body": body})
    account.ask("s3", "DeleteObject", {"Bucket": "my-films", "Key": "a"})
    assert _cleanup(account, tmp_path / "l") == []
    assert _standing(account) == {}


def test_a_name_that_is_taken_is_said(account, data, tmp_path):
    for number, plan in enumerate(_journey(data)[:4]):
        _run(account, tmp_path / "l", plan, f"t{number}")
    with pytest.raises(Refused, match="name is taken"):
        _run(account, tmp_path / "l", train.plan(name="job"), "again")


def test_the_command_itself(account, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "container")])}

    def verb(*words):
        return subprocess.run(
            [sys.executable, "-m", "scripts", *words], cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    made = verb("create-bucket", "my-films", "--json")
    assert json.loads(made.stdout)["then"] == "kindred-aws create-role"
    asked = verb("train")
    assert asked.returncode == 1
    assert "USD an hour" in asked.stderr
    assert "--yes" in asked.stderr
    assert "my-films" in verb("cleanup", "--dry-run").stdout
    assert verb("cleanup", "--yes").returncode == 0
    assert "ledger is clear" in verb("cleanup", "--yes").stdout
    assert _standing(account) == {}
