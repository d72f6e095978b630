"""Each verb as a value: what it would send, checked by AWS's own model of its requests, without any server."""

import json
import os
import re
from functools import cache
from pathlib import Path

import botocore.session
import pytest
from botocore.validate import ParamValidator
from scripts.aws import undoing
from scripts.aws.filling import fill
from scripts.aws.ledger import Ledger
from scripts.aws.papers import decode_all, encode
from scripts.aws.plan import Ask, Call, Each, Plan, Upload, Wait, calls, costs, steps
from scripts.aws.prices import hourly
from scripts.aws.printing import lines
from scripts.aws.refusals import Refused
from scripts.aws.session import places

from kit.sources import ROOT
from scripts import create_bucket, create_role, deploy, invoke, pipeline, register, train, transform, tune, upload_data

KNOWN = {**places("eu-west-1"), "account": "111122223333", "now": "20260101-000000", "items": [], "item": {}}
NOTHING = Ledger(Path(os.devnull))
PACKAGE = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/kindred/1"
PLANS = {
    "create-bucket": lambda: create_bucket.plan(region="eu-west-1"),
    "create-role": lambda: create_role.plan(ledger=NOTHING),
    "upload-data": lambda: upload_data.plan(ROOT / "sample"),
    "train": lambda: train.plan(),
    "train kmeans": lambda: train.plan(
        algorithm="kmeans", settings=["k=10"], spot=False, isolated=True, kms_key="k" * 8
    ),
    "train in a vpc": lambda: train.plan(subnet=["subnet-1"], security_group=["sg-1"]),
    "tune": lambda: tune.plan(),
    "tune kmeans": lambda: tune.plan(algorithm="kmeans", objective="test:silhouette"),
    "register": lambda: register.plan(job="j"),
    "deploy": lambda: deploy.plan(job="j"),
    "deploy a package": lambda: deploy.plan(package=PACKAGE),
    "deploy in a vpc": lambda: deploy.plan(
        job="j", subnet=["subnet-1"], security_group=["sg-1"], kms_key="k" * 8, isolated=True
    ),
    "deploy serverless": lambda: deploy.plan(job="j", serverless=True),
    "deploy async": lambda: deploy.plan(job="j", asynchronous=True),
    "deploy many models": lambda: deploy.plan(model_data="s3://films/models/", multi_model=True),
    "invoke later": lambda: invoke.plan(s3_input="s3://films/question.json"),
    "invoke": lambda: invoke.plan(history="a,b", target_model="m.tar.gz"),
    "transform": lambda: transform.plan("s3://films/requests", job="j"),
    "pipeline": lambda: pipeline.plan(start=True),
    "pipeline against a figure": lambda: pipeline.plan(start=True, least=0.3, spot=False),
    "create-role for pipelines": lambda: create_role.plan(pipelines=True, ledger=NOTHING),
}


@pytest.mark.parametrize("verb", PLANS)
def test_every_request_is_one_that_aws_takes(verb):
    for call in calls(PLANS[verb]().effects):
        model = _services(call.service).operation_model(call.operation)
        tokens = dict.fromkeys(model.idempotent_members, "t" * 32)  # boto3 makes one up for each request
        report = ParamValidator().validate(tokens | fill(call.parameters, KNOWN), model.input_shape)
        assert not report.has_errors(), f"{call.operation}: {report.generate_report()}"


@pytest.mark.parametrize("verb", PLANS)
def test_what_is_made_can_be_undone_by_calls_that_there_are(verb):
    for step in steps(PLANS[verb]().effects):
        if isinstance(step, Call) and step.operation.startswith("Create"):
            assert step.made, step.operation
            assert step.undo, step.operation


@pytest.mark.parametrize("verb", PLANS)
def test_effects_survive_the_ledger(verb):
    effects = PLANS[verb]().effects
    if verb == "invoke":
        return  # it makes nothing, and its body is bytes
    paper = json.loads(json.dumps(encode(list(effects))))
    assert encode(list(decode_all(paper))) == paper
    assert len(list(steps(decode_all(paper)))) == len(list(steps(effects)))


@pytest.mark.parametrize("verb", PLANS)
def test_no_hole_is_left_that_nothing_fills(verb):
    named = {call.name for call in calls(PLANS[verb]().effects)} | set(KNOWN)
    for call in calls(PLANS[verb]().effects):
        for hole in _holes(call.parameters):
            assert hole.partition(".")[0] in named, f"{call.operation}: {hole}"


def test_a_bucket_says_where_it_is_but_in_the_first_region():
    abroad, home = (
        _parameters(create_bucket.plan(region=region), "CreateBucket") for region in ("eu-west-1", "us-east-1")
    )
    assert abroad["CreateBucketConfiguration"] == {"LocationConstraint": "eu-west-1"}
    assert "CreateBucketConfiguration" not in home


def test_a_bucket_that_is_there_is_neither_changed_nor_undone():
    (asked,) = create_bucket.plan(region="eu-west-1").effects
    assert isinstance(asked, Ask)
    assert asked.found == ()
    assert [each.operation for each in asked.missing] == ["CreateBucket", "PutPublicAccessBlock", "PutBucketEncryption"]
    assert all(asked.missing[1].parameters["PublicAccessBlockConfiguration"].values())


def test_a_role_that_was_made_here_gets_the_policy_asked_for_and_no_other_does(tmp_path):
    """A run that broke off leaves a role without its policy; and whoever comes to pipelines later asks for more."""
    ledger = Ledger(tmp_path / "ledger", account="111122223333", region="eu-west-1")
    (theirs,) = create_role.plan(pipelines=True, ledger=ledger).effects
    ledger.close(ledger.intend("role kindred", ()), "made")
    (ours,) = create_role.plan(pipelines=True, ledger=ledger).effects
    (elsewhere,) = create_role.plan(ledger=Ledger(ledger.path, account="2", region="eu-west-1")).effects
    assert isinstance(ours, Ask)
    assert [each.operation for each in ours.missing] == ["CreateRole", "PutRolePolicy"]
    assert ours.found == ours.missing[1:]
    assert "iam:PassRole" in ours.found[0].parameters["PolicyDocument"]
    assert (theirs.found, elsewhere.found) == ((), ())


def test_the_role_may_do_no_more_than_it_needs():
    statements = create_role.policy("films", "kindred")["Statement"]
    actions = {action for statement in statements for action in statement["Action"]}
    assert not [action for action in actions if "*" in action or action.startswith(("iam:", "sts:"))]
    everywhere = {action for each in statements if each["Resource"] == "*" for action in each["Action"]}
    assert everywhere == {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}  # AWS knows no narrower resource
    for_pipelines = create_role.policy("films", "kindred", runs_as="kindred")["Statement"][len(statements) :]
    assert all(each["Resource"] != "*" for each in for_pipelines)
    (passes,) = [each for each in for_pipelines if "iam:PassRole" in each["Action"]]
    assert passes["Resource"].endswith(":role/kindred")
    (trusted,) = create_role.trust()["Statement"]
    assert trusted["Principal"] == {"Service": "sagemaker.amazonaws.com"}


def test_training_is_on_spot_with_checkpoints_unless_told_otherwise():
    spot, on_demand = (_parameters(train.plan(spot=spot), "CreateTrainingJob") for spot in (True, False))
    assert spot["EnableManagedSpotTraining"]
    assert spot["CheckpointConfig"]["S3Uri"].endswith("/checkpoints/kindred-${now}/")
    assert spot["StoppingCondition"]["MaxWaitTimeInSeconds"] >= spot["StoppingCondition"]["MaxRuntimeInSeconds"]
    assert "CheckpointConfig" not in on_demand
    assert "MaxWaitTimeInSeconds" not in on_demand["StoppingCondition"]


def test_a_job_goes_on_where_an_earlier_one_was_stopped():
    asked = _parameters(train.plan(name="second", resume="first"), "CreateTrainingJob")
    assert asked["CheckpointConfig"]["S3Uri"].endswith("/checkpoints/first/")


@pytest.mark.parametrize("data", ["s3://films/mine", "s3://films/mine/"])
def test_a_channel_is_a_folder_and_not_what_else_begins_so(data):
    """S3Uri is a prefix: `…/items` would bring `…/items-old`, too."""
    inputs = _parameters(train.plan(data=data), "CreateTrainingJob")["InputDataConfig"]
    uris = [channel["DataSource"]["S3DataSource"]["S3Uri"] for channel in inputs]
    assert uris == ["s3://films/mine/interactions/", "s3://films/mine/items/"]


@pytest.mark.parametrize("prefix", ["mine", "mine/", "/mine", ""])
def test_an_upload_leaves_no_folder_without_a_name(prefix):
    plan = upload_data.plan(ROOT / "sample", bucket="films", prefix=prefix)
    keys = [effect.key for effect in plan.effects if isinstance(effect, Upload)]
    assert f"{prefix.strip('/')}/interactions/views.csv".lstrip("/") in keys
    assert plan.then == f"kindred-aws train --data 's3://films/{prefix.strip('/')}'".replace("films/'", "films'")


def test_what_a_search_leaves_is_taken_away_and_nothing_else():
    asked, *_ = [call for call in calls(tune.plan(name="film").effects) if call.operation.startswith("CreateHyper")]
    told = asked.parameters["TrainingJobDefinition"]
    stores = [each for each in asked.undo if isinstance(each, Each) and each.listing.operation == "ListObjectVersions"]
    (swept,) = [each.listing.parameters for each in stores]
    for uri in (told["OutputDataConfig"]["S3OutputPath"], told["CheckpointConfig"]["S3Uri"]):
        assert uri.startswith(f"s3://{swept['Bucket']}/{swept['Prefix']}")
    (logs,) = [each for each in asked.undo if isinstance(each, Each) and each.listing.operation == "DescribeLogStreams"]
    theirs = ("film-001-0a1b2c3d/algo-1-17", "film-2/algo-1-17", "film-20260101-000000/algo-1-17", "film/algo-1-17")
    assert [name for name in theirs if re.fullmatch(logs.where[1], name)] == ["film-001-0a1b2c3d/algo-1-17"]
    assert all(name.startswith(logs.listing.parameters["logStreamNamePrefix"]) for name in theirs[:1])


def test_a_dry_run_says_which_of_a_list_are_meant():
    plan = Plan(title="t", effects=(undoing.packages("films", "ours"),))
    (said,) = [line for line in lines(plan, KNOWN) if "for each" in line]
    assert said == "# for each of ModelPackageSummaryList whose ModelPackageDescription is ours"


def test_a_job_finds_its_metrics_as_the_image_prints_them():
    """[75, 92]"""
    definitions = _parameters(train.plan(), "CreateTrainingJob")["AlgorithmSpecification"]["MetricDefinitions"]
    assert "test:ndcg_at_10" in [row["Name"] for row in definitions]
    assert len(definitions) <= 40


def test_a_tuning_job_looks_for_what_is_not_given():
    """[81, 83]"""
    asked = _parameters(tune.plan(settings=["ridge=50"]), "CreateHyperParameterTuningJob")
    ranges = asked["HyperParameterTuningJobConfig"]["ParameterRanges"]
    searched = {row["Name"] for rows in ranges.values() for row in rows}
    static = asked["TrainingJobDefinition"]["StaticHyperParameters"]
    assert static["ridge"] == "50"
    assert "ridge" not in searched
    assert searched
    assert not searched & set(static)


def test_an_endpoint_that_is_there_is_updated_and_not_ledgered():
    (asked,) = [
        each for each in deploy.plan(job="j").effects if isinstance(each, Ask) and each.probe.name == "endpoint"
    ]
    (update,), (create,) = asked.found, asked.missing
    assert (update.operation, update.made) == ("UpdateEndpoint", "")
    assert (create.operation, create.made) == ("CreateEndpoint", "endpoint kindred")
    assert update.parameters["RetainAllVariantProperties"]  # as many machines as autoscaling has made it


def test_an_update_that_is_rolled_back_is_no_deployment():
    """An endpoint that goes back to what it was ends InService, as one that was updated does."""
    (wait,) = [each for each in deploy.plan(job="j").effects if isinstance(each, Wait)]
    assert "RollingBack" in wait.bad


def test_autoscaling_that_is_there_is_not_ledgered():
    (asked,) = [each for each in deploy.plan(job="j").effects if isinstance(each, Ask) and each.path.startswith("Scal")]
    (there,), (new,) = asked.found, asked.missing
    assert (there.made, new.made) == ("", "autoscaling of kindred")
    assert there.parameters == new.parameters


def test_the_kinds_of_endpoint():
    serverless = _parameters(deploy.plan(job="j", serverless=True), "CreateEndpointConfig")
    assert "ServerlessConfig" in serverless["ProductionVariants"][0]
    assert "DataCaptureConfig" not in serverless  # serverless endpoints capture nothing
    assert costs(deploy.plan(job="j", serverless=True)) == []
    assert "AsyncInferenceConfig" in _parameters(deploy.plan(job="j", asynchronous=True), "CreateEndpointConfig")
    many = _parameters(deploy.plan(model_data="s3://f-f/m/", multi_model=True), "CreateModel")
    assert many["PrimaryContainer"]["Mode"] == "MultiModel"


def test_blanks_beside_the_commas_of_a_history_are_no_part_of_an_id():
    (asked,) = invoke.plan(history="a b, c").effects
    assert json.loads(asked.parameters["Body"])["instances"][0]["history"] == ["a b", "c"]


def test_a_watched_job_ends_the_plan():
    assert isinstance(train.plan().effects[-1], Wait)
    assert not [each for each in train.plan(wait=False).effects if isinstance(each, Wait)]


def test_what_is_started_is_counted_once():
    assert hourly(costs(deploy.plan(job="j", count=2))) == pytest.approx(2 * 0.115)
    assert hourly(costs(tune.plan(parallel=3))) == pytest.approx(3 * 0.115)


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        (lambda: train.plan(settings=["rigde=1"]), "no hyperparameter 'rigde'"),
        (lambda: train.plan(settings=["ridge=much"]), "ridge cannot be 'much'"),
        (lambda: train.plan(settings=["ridge"]), "should be name=value"),
        (lambda: train.plan(algorithm="kmeans"), "--set k=VALUE"),
        (lambda: train.plan(algorithm="forest"), "no algorithm 'forest'"),
        (lambda: train.plan(channel=["films=s3://films/x"]), "reads no channel 'films'"),
        (lambda: train.plan(channel=["train=films"]), "no S3 address"),
        (lambda: train.plan(name="a_b"), "letters, digits and hyphens"),
        (lambda: train.plan(name="a" * 64), "63 characters at most"),
        (lambda: train.plan(subnet=["subnet-1"]), "go together"),
        (lambda: train.plan(count=0), "at least 1"),
        (lambda: train.plan(max_hours=0), "too short"),
        (lambda: tune.plan(objective="test:joy"), "no objective 'test:joy'"),
        (lambda: tune.plan(parallel=0), "--parallel"),
        (lambda: deploy.plan(), "one of --job and --model-data"),
        (lambda: deploy.plan(job="j", package=PACKAGE), "--package brings its own model"),
        (lambda: deploy.plan(job="j", serverless=True, asynchronous=True), "exclude one another"),
        (lambda: deploy.plan(job="j", serverless=True, memory_mb=1000), "valid: 1024"),
        (lambda: deploy.plan(job="j", serverless=True, isolated=True), "knows no --isolated"),
        (lambda: deploy.plan(job="j", wait=False), "--no-wait goes with --serverless alone"),
        (lambda: deploy.plan(job="j", subnet=["subnet-1"]), "go together"),
        (lambda: deploy.plan(job="j", multi_model=True), "slash at its end"),
        (lambda: deploy.plan(job="j", capture=101), "percentage"),
        (lambda: deploy.plan(job="j", count=5, most=4), "smaller than --count"),
        (lambda: invoke.plan(history="a", user_id="b"), "exclude one another"),
        (lambda: invoke.plan(body="nothing.csv"), "is not there"),
        (lambda: transform.plan("s3://films/x", job="j", content_type="image/png"), "--content-type"),
        (lambda: upload_data.plan(ROOT / "nowhere"), "there is no folder"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(verb, says):
    with pytest.raises(Refused, match=says):
        verb()


@cache
def _services(name):
    return botocore.session.get_session().get_service_model(name)


def _parameters(plan, operation):
    (call,) = [each for each in calls(plan.effects) if each.operation == operation]
    return call.parameters


def _holes(value):
    from scripts.aws.filling import HOLE

    return HOLE.findall(json.dumps(encode(value)))
