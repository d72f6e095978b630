"""Every kind of endpoint, search, package and pipeline against the stand-in AWS: what is there is what was asked."""

import json

import pytest
from scripts.aws.ledger import Ledger
from scripts.aws.runner import Runner

from kit import standing
from scripts import cleanup, deploy, invoke, pipeline, register, train, transform, tune

pytestmark = pytest.mark.slow


@pytest.fixture
def run(account, tmp_path):
    """Run a plan; each is a moment later than the one before."""
    moments = iter(range(100))
    facts = account.facts()

    def go(plan):
        ledger = Ledger(tmp_path / "ledger.jsonl", account=facts["account"], region=facts["region"])
        known = {**facts, "now": f"t{next(moments)}"}
        quiet = {"say": lambda _: None, "sleep": lambda _: None}
        return Runner(aws=account, ledger=ledger, known=known, **quiet).run(plan(ledger) if callable(plan) else plan)

    go(train.plan(name="job"))
    return go


def _described(account, name="kindred"):
    endpoint = account.ask("sagemaker", "DescribeEndpoint", {"EndpointName": name})
    config = account.ask("sagemaker", "DescribeEndpointConfig", {"EndpointConfigName": endpoint["EndpointConfigName"]})
    (variant,) = config["ProductionVariants"]
    model = account.ask("sagemaker", "DescribeModel", {"ModelName": variant["ModelName"]})
    return config, variant, model


def _scaling(account):
    asked = {"ServiceNamespace": "sagemaker"}
    targets = account.ask("application-autoscaling", "DescribeScalableTargets", asked)["ScalableTargets"]
    policies = account.ask("application-autoscaling", "DescribeScalingPolicies", asked)["ScalingPolicies"]
    return targets, policies


def test_a_real_time_endpoint_scales_and_captures(account, run):
    run(deploy.plan(job="job", count=2, most=6, per_minute=300, capture=25))
    config, variant, model = _described(account)
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 2)
    assert config["DataCaptureConfig"]["InitialSamplingPercentage"] == 25
    assert model["PrimaryContainer"]["ModelDataUrl"].endswith("model.tar.gz")
    (target,), (policy,) = _scaling(account)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 300


def test_a_serverless_endpoint_has_no_machine(account, run):
    run(deploy.plan(job="job", serverless=True, memory_mb=4096, concurrency=7))
    config, variant, _ = _described(account)
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 4096, "MaxConcurrency": 7}
    assert not config.get("DataCaptureConfig")
    assert _scaling(account) == ([], [])


def test_an_asynchronous_endpoint_answers_into_the_bucket_and_scales_by_its_queue(account, run):
    run(deploy.plan(job="job", asynchronous=True))
    _, (policy,) = _scaling(account)
    told = policy["TargetTrackingScalingPolicyConfiguration"]["CustomizedMetricSpecification"]
    assert told["MetricName"] == "ApproximateBacklogSizePerInstance"
    plan = invoke.plan(s3_input="s3://my-films/question.json")
    answer = run(plan)
    assert answer["answer"]["OutputLocation"] in plan.show(answer)


def test_many_models_lie_behind_one_endpoint(account, run):
    run(deploy.plan(model_data="s3://my-films/models/", multi_model=True))
    _, _, model = _described(account)
    assert (model["PrimaryContainer"]["Mode"], model["PrimaryContainer"]["ModelDataUrl"]) == (
        "MultiModel", "s3://my-films/models/",
    )  # fmt: skip


def test_an_update_in_place_keeps_the_endpoint_and_the_way_back(account, run):
    run(deploy.plan(job="job"))
    before = account.ask("sagemaker", "DescribeEndpoint", {"EndpointName": "kindred"})
    run(train.plan(name="better"))
    run(deploy.plan(job="better", most=9))
    after = account.ask("sagemaker", "DescribeEndpoint", {"EndpointName": "kindred"})
    assert after["EndpointArn"] == before["EndpointArn"]
    assert after["CreationTime"] == before["CreationTime"]
    assert after["EndpointConfigName"] != before["EndpointConfigName"]
    account.ask("sagemaker", "DescribeEndpointConfig", {"EndpointConfigName": before["EndpointConfigName"]})
    assert _scaling(account)[0][0]["MaxCapacity"] == 9


def test_a_search_looks_where_the_table_says(account, run):
    run(tune.plan(name="search", most_jobs=5, parallel=2, wait=False, settings=["ridge=50"]))
    told = account.ask("sagemaker", "DescribeHyperParameterTuningJob", {"HyperParameterTuningJobName": "search"})
    limits = told["HyperParameterTuningJobConfig"]["ResourceLimits"]
    assert (limits["MaxNumberOfTrainingJobs"], limits["MaxParallelTrainingJobs"]) == (5, 2)
    assert told["TrainingJobDefinition"]["StaticHyperParameters"]["ridge"] == "50"


@pytest.mark.parametrize(("approve", "status"), [(False, "PendingManualApproval"), (True, "Approved")])
def test_a_package_waits_for_approval_unless_told_otherwise(account, run, approve, status):
    arn = run(register.plan(job="job", approve=approve))["package"]["ModelPackageArn"]
    assert account.ask("sagemaker", "DescribeModelPackage", {"ModelPackageName": arn})["ModelApprovalStatus"] == status
    run(deploy.plan(package=arn))


def test_a_transform_answers_line_by_line(account, run):
    run(transform.plan("s3://my-films/requests", name="batch", job="job", content_type="text/csv", count=2))
    told = account.ask("sagemaker", "DescribeTransformJob", {"TransformJobName": "batch"})
    assert told["TransformInput"]["SplitType"] == told["TransformOutput"]["AssembleWith"] == "Line"
    assert told["TransformResources"]["InstanceCount"] == 2


def test_a_pipeline_is_made_then_changed_then_started(account, run):
    run(pipeline.plan(least=0.1))
    run(pipeline.plan(least=0.2, start=True))
    told = account.ask("sagemaker", "DescribePipeline", {"PipelineName": "kindred"})
    parameters = {row["Name"]: row["DefaultValue"] for row in json.loads(told["PipelineDefinition"])["Parameters"]}
    assert parameters["Least"] == 0.2
    assert [row["Value"] for row in _last_run(account)] == ["0.2"]


def test_a_run_must_beat_the_newest_approved_model(account, run):
    run(pipeline.plan(start=True))
    assert _last_run(account) == []
    for status, value in (("Approved", "0.31"), ("PendingManualApproval", "0.5")):
        arn = run(register.plan(job="job"))["package"]["ModelPackageArn"]
        account.ask("sagemaker", "UpdateModelPackage", {
            "ModelPackageArn": arn, "ModelApprovalStatus": status,
            "CustomerMetadataProperties": {"measured": "ndcg_at_10", "ndcg_at_10": value},
        })  # fmt: skip
    run(pipeline.plan(start=True))
    assert [row["Value"] for row in _last_run(account)] == ["0.31"]


def test_nothing_of_a_pipeline_is_left(account, run):
    bucket = f"kindred-{account.facts()['account']}-{standing.REGION}"
    account.ask("s3", "CreateBucket", {
        "Bucket": bucket, "CreateBucketConfiguration": {"LocationConstraint": standing.REGION},
    })  # fmt: skip
    run(pipeline.plan(start=True))
    account.ask(
        "s3", "PutObject", {"Bucket": bucket, "Key": "pipelines/kindred/run1/metrics/metrics.json", "Body": b""}
    )
    account.ask("s3", "PutObject", {"Bucket": bucket, "Key": "pipelines/kindred-of-others/x", "Body": b""})
    account.ask("sagemaker", "CreateModelPackage", {
        "ModelPackageGroupName": "kindred", "ModelPackageDescription": pipeline.described("kindred"),
    })  # fmt: skip
    run(lambda ledger: cleanup.plan(ledger=ledger))
    for listing in ("Pipelines", "ModelPackageGroups", "ModelPackages"):
        asked = account.ask("sagemaker", f"List{listing}", {})
        assert not next(iter(asked.values())), listing
    kept = account.ask("s3", "ListObjectVersions", {"Bucket": bucket})["Versions"]
    assert [version["Key"] for version in kept] == ["pipelines/kindred-of-others/x"]


def _last_run(account):
    runs = account.ask("sagemaker", "ListPipelineExecutions", {"PipelineName": "kindred"})["PipelineExecutionSummaries"]
    arn = runs[-1]["PipelineExecutionArn"]
    asked = {"PipelineExecutionArn": arn}
    return account.ask("sagemaker", "ListPipelineParametersForExecution", asked).get("PipelineParameters", [])
