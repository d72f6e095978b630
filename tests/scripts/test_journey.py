"""From nothing to an endpoint that answers and back to nothing, against a stand-in AWS in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from scripts.aws.defaults import IMAGE
from scripts.aws.ledger import Ledger
from scripts.aws.refusals import Refused
from scripts.aws.session import Account

from kit import pushing, standing
from kit.accounts import LISTINGS, clean, left, run
from kit.sources import ROOT
from scripts import (
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
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
SHARED = "/aws/sagemaker/TrainingJobs"
EVERYTHING = {kind for _, kind in LISTINGS}


def _journey(data, image=IMAGE):
    """Every verb, in the order of the README; a job and an endpoint are there before they are asked."""
    return [
        create_bucket.plan(region=standing.REGION), create_role.plan(ledger=Ledger(Path(os.devnull))),
        upload_data.plan(data),
        train.plan(name="job", image=image),
        tune.plan(name="search", wait=False), register.plan(job="job", image=image),
        deploy.plan(job="job", image=image),
        deploy.plan(name="quick", job="job", serverless=True), invoke.plan(history="a,b"),
        transform.plan(f"s3://{BUCKET}/data", name="batch", job="job"), pipeline.plan(start=True),
    ]  # fmt: skip


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data" / "interactions"
    folder.mkdir(parents=True)
    (folder / "views.csv").write_text("user_id,item_id\na,b\n")
    return folder.parent


@pytest.mark.docker
@pytest.mark.skipif(sys.platform != "linux", reason="the engine lives in another machine and cannot reach the test")
@pytest.mark.usefixtures("image")
def test_there_and_back(aws, account, registry, data, tmp_path):
    """From nothing to an endpoint, with the image that was really pushed, and back to nothing. [8, 18]"""
    _answering(aws)
    ledger = tmp_path / "kindred-aws.ledger.jsonl"
    *first, upload = _journey(data)[:3]
    for number, plan in enumerate(first):
        run(account, ledger, plan, f"t{number}")
    script = pushing.clone(tmp_path / "a clone")
    with pushing.room(tmp_path / "docker", aws.environment, host=registry.host) as environment:
        pushed = pushing.push(script=script, cwd=tmp_path, environment=environment)
    assert pushed.returncode == 0, pushed.stderr
    digest, image = pushed.stdout.split()
    name, _, tag = image.rpartition(":")
    assert registry.manifest("kindred", tag) == (DOCKER_MANIFEST, digest.removeprefix(f"{name}@"))
    assert registry.tags("kindred") == sorted([tag, "latest"])
    for number, plan in enumerate([upload, *_journey(data, image)[3:]]):
        answers = run(account, ledger, plan, f"u{number}")
        if plan.show:
            assert "1. Alien" in plan.show(answers)
    job = account.ask("sagemaker", "DescribeTrainingJob", {"TrainingJobName": "job"})
    assert job["AlgorithmSpecification"]["TrainingImage"] == image
    _logs_of_sagemaker(account)
    assert set(left(account)) == EVERYTHING
    assert clean(account, ledger) == []
    assert _streams(account) == {"others/algo-1"}
    account.ask("logs", "DeleteLogGroup", {"logGroupName": SHARED})
    assert left(account) == {}
    assert clean(account, ledger) == []


def _answering(aws):
    result = {"Body": json.dumps(ANSWER), "ContentType": "application/json"}
    body = json.dumps({"region": standing.REGION, "results": [result]})
    aws.post("/moto-api/static/sagemaker/endpoint-results", body.encode())


def _logs_of_sagemaker(account):
    """What SageMaker writes while it works: a group for all training jobs, and one for each endpoint."""
    streams = {SHARED: ("job/algo-1", "others/algo-1"), "/aws/sagemaker/Endpoints/kindred": ("AllTraffic/i-1",)}
    for group, names in streams.items():
        account.ask("logs", "CreateLogGroup", {"logGroupName": group})
        for name in names:
            account.ask("logs", "CreateLogStream", {"logGroupName": group, "logStreamName": name})


def _streams(account):
    (group,) = account.ask("logs", "DescribeLogGroups", {})["logGroups"]
    asked = {"logGroupName": group["logGroupName"]}
    return {stream["logStreamName"] for stream in account.ask("logs", "DescribeLogStreams", asked)["logStreams"]}


def test_an_endpoint_is_updated_in_place(account, data, tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    for number, plan in enumerate(
        [*_journey(data)[:4], deploy.plan(job="job"), deploy.plan(job="job", instance="ml.c5.xlarge")]
    ):
        run(account, ledger, plan, f"t{number}")
    (endpoint,) = account.ask("sagemaker", "ListEndpoints", {})["Endpoints"]
    config = account.ask("sagemaker", "DescribeEndpoint", {"EndpointName": endpoint["EndpointName"]})[
        "EndpointConfigName"
    ]
    assert config.endswith("t5")
    assert clean(account, ledger) == []
    assert left(account) == {}


def test_what_was_there_before_stays(account, data, tmp_path):
    account.ask(
        "s3", "CreateBucket", {"Bucket": BUCKET, "CreateBucketConfiguration": {"LocationConstraint": standing.REGION}}
    )
    account.ask("s3", "PutObject", {"Bucket": BUCKET, "Key": "theirs", "Body": b"x"})
    account.ask("iam", "CreateRole", {"RoleName": "kindred", "AssumeRolePolicyDocument": "{}"})
    for number, plan in enumerate(_journey(data)[:4]):
        run(account, tmp_path / "ledger.jsonl", plan, f"t{number}")
    clean(account, tmp_path / "ledger.jsonl")
    assert set(left(account)) == {"ListBuckets", "ListRoles"}
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
                run(stopping, ledger, plan, f"t{number}")
        except KeyboardInterrupt:
            assert clean(account, ledger) == [], requests
            assert left(account) == {}, requests
        else:
            break
    assert requests > 30


def test_a_crash_within_cleanup_is_cleaned_up(aws, account, data, tmp_path):
    for requests in range(1, 60, 4):
        aws.reset()
        ledger = tmp_path / f"{requests}.jsonl"
        for number, plan in enumerate(plan for plan in _journey(data) if not plan.show):
            run(account, ledger, plan, f"t{number}")
        try:
            clean(Stopping(account, requests, after=True), ledger)
        except KeyboardInterrupt:
            assert clean(account, ledger) == []
        assert left(account) == {}, requests


def test_a_bucket_with_versions_goes_with_all_of_them(account, tmp_path):
    run(account, tmp_path / "l", create_bucket.plan("my-films", region=standing.REGION), "t")
    account.ask("s3", "PutBucketVersioning", {"Bucket": "my-films", "VersioningConfiguration": {"Status": "Enabled"}})
    for body in (b"1", b"2"):
        account.ask("s3", "PutObject", {"Bucket": "my-films", "Key": "a", "Body": body})
    account.ask("s3", "DeleteObject", {"Bucket": "my-films", "Key": "a"})
    assert clean(account, tmp_path / "l") == []
    assert left(account) == {}


def test_a_name_that_is_taken_is_said(account, data, tmp_path):
    for number, plan in enumerate(_journey(data)[:4]):
        run(account, tmp_path / "l", plan, f"t{number}")
    with pytest.raises(Refused, match="name is taken"):
        run(account, tmp_path / "l", train.plan(name="job"), "again")


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
    assert left(account) == {}
