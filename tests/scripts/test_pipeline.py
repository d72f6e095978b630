"""The pipeline: a definition that SageMaker takes, whose every step does on this machine what it says."""

import json
import shutil
from functools import cache

import botocore.session
import pytest
from botocore.validate import ParamValidator
from scripts.aws import jobs, steps
from scripts.aws.filling import fill
from scripts.aws.plan import Ask, calls
from scripts.aws.refusals import Refused
from scripts.aws.session import places

from kit import pipelines
from kit.real_train import SAMPLE
from scripts import pipeline

KNOWN = {**places("eu-west-1"), "account": "111122223333", "now": "20260101-000000"}
SENT = {
    "Processing": ("CreateProcessingJob", "ProcessingJobName"), "Training": ("CreateTrainingJob", "TrainingJobName"),
    "RegisterModel": ("CreateModelPackage", None),
}  # fmt: skip
VPC = {"subnet": ("subnet-1",), "security_group": ("sg-1",), "kms_key": "k" * 8, "isolated": True}
JOBS = {
    "recommender": jobs.Job(),
    "on demand in a vpc": jobs.Job(spot=False, **VPC),
    "channels": jobs.Job(channel=("train=s3://films/train",)),
    "kmeans": jobs.Job(algorithm="kmeans", settings={"k": "3"}),
}


def _definition(job, **more):
    told = {"name": "films", "group": "kindred", "least": None, "last": 0.1, **more}
    return json.loads(fill(json.dumps(pipeline.definition(job, **told)), KNOWN))


def _steps(document):
    for step in document["Steps"]:
        yield step
        yield from step["Arguments"].get("IfSteps", ())


def _expressions(value):
    """Every expression of a document, the ones within others too."""
    if isinstance(value, list):
        for each in value:
            yield from _expressions(each)
    elif isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("Get", "Std:Join", "Std:JsonGet"):
            yield value
        for each in value.values():
            yield from _expressions(each)


@pytest.mark.parametrize("kind", JOBS)
def test_the_document_has_what_the_format_knows_and_nothing_else(kind):
    document = _definition(JOBS[kind])
    assert list(document) == ["Version", "Metadata", "Parameters", "Steps"]
    assert document["Version"] == "2020-12-01"
    assert {(each["Type"], type(each["DefaultValue"])) for each in document["Parameters"]} == {
        ("Float", float), ("String", str),
    }  # fmt: skip
    names = [step["Name"] for step in _steps(document)]
    assert len(names) == len(set(names))
    for step in _steps(document):
        assert set(step) <= {"Name", "Type", "Arguments", "PropertyFiles"}
        assert step["Type"] in {*SENT, "Condition"}


def test_the_story_of_each_algorithm():
    assert [step["Name"] for step in _steps(_definition(JOBS["recommender"]))] == [
        "Prepare", "Train", "Evaluate", "Better", "Register",
    ]  # fmt: skip
    assert [step["Name"] for step in _steps(_definition(JOBS["kmeans"]))] == ["Train", "Better", "Register"]


@pytest.mark.parametrize("kind", JOBS)
def test_every_expression_means_something_that_is_there_by_then(kind):
    """Parameters are declared, steps come earlier, outputs and property files are those of the step named."""
    document = _definition(JOBS[kind])
    given = {f"Parameters.{each['Name']}" for each in document["Parameters"]} | {"Execution.PipelineExecutionId"}
    for step in _steps(document):
        for expression in _expressions({**step["Arguments"], "IfSteps": []}):
            if "Get" in expression:
                assert expression["Get"] in given, step["Name"]
        given |= set(_offers(step))


def _offers(step):
    here = f"Steps.{step['Name']}"
    if step["Type"] == "Processing":
        outputs = [row["OutputName"] for row in step["Arguments"]["ProcessingOutputConfig"]["Outputs"]]
        yield from (f"{here}.ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri" for name in outputs)
        for file in step.get("PropertyFiles", ()):
            assert file["OutputName"] in outputs
            yield f"{here}.PropertyFiles.{file['PropertyFileName']}"
    if step["Type"] == "Training":
        yield f"{here}.ModelArtifacts.S3ModelArtifacts"
        definitions = step["Arguments"]["AlgorithmSpecification"]["MetricDefinitions"]
        yield from (f"{here}.FinalMetricDataList['{row['Name']}'].Value" for row in definitions)


@pytest.mark.parametrize("kind", JOBS)
def test_every_step_is_a_request_that_aws_takes(kind):
    for step in _steps(_definition(JOBS[kind])):
        if step["Type"] != "Condition":
            _taken(step["Type"], _stood_in(step["Arguments"]))


def _taken(kind, request):
    operation, named = SENT[kind]
    shape = _service().operation_model(operation).input_shape
    report = ParamValidator().validate({**request, **({named: "x"} if named else {})}, shape)
    assert not report.has_errors(), f"{operation}: {report.generate_report()}"


def _stood_in(value):
    """The arguments with a text in the place of each expression, as whatever stands there is text in the end."""
    if isinstance(value, list):
        return [_stood_in(each) for each in value]
    if not isinstance(value, dict):
        return value
    return "text" if list(_expressions(value))[:1] == [value] else {key: _stood_in(each) for key, each in value.items()}


def test_what_registers_beats_the_figure_and_popularity():
    better = _definition(JOBS["recommender"], least=0.2)["Steps"][-1]["Arguments"]
    figures = {"Get": "Steps.Evaluate.PropertyFiles.Metrics"}
    rivals = [each["RightValue"] for each in better["Conditions"]]
    popularity = {"Std:JsonGet": {"PropertyFile": figures, "Path": "popularity.ndcg_at_10"}}
    assert rivals == [{"Get": "Parameters.Least"}, popularity]
    assert {json.dumps(each["LeftValue"]) for each in better["Conditions"]} == {
        json.dumps({"Std:JsonGet": {"PropertyFile": figures, "Path": "test.ndcg_at_10"}})
    }
    assert better["ElseSteps"] == []


def test_each_run_leaves_its_files_in_a_folder_of_its_own():
    text = json.dumps(_definition(JOBS["recommender"]))
    assert text.count('"Std:Join": {"On": "/", "Values": ["s3://kindred-111122223333-eu-west-1/pipelines/films"') == 5
    assert "s3://kindred-111122223333-eu-west-1/models" not in text


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    data = folder / "s3" / "kindred-111122223333-eu-west-1" / "data"
    for channel in ("interactions", "items"):
        shutil.copytree(SAMPLE / channel, data / channel)
    return pipelines.Run(_definition(JOBS["recommender"]), folder / "s3", folder / "machines").go()


@pytest.mark.slow
def test_the_run_prepares_trains_evaluates_and_registers(run):
    assert list(run.requests) == ["Prepare", "Train", "Evaluate", "Register"]
    kinds = {"Prepare": "Processing", "Train": "Training", "Evaluate": "Processing", "Register": "RegisterModel"}
    for name, request in run.requests.items():
        _taken(kinds[name], request)


@pytest.mark.slow
def test_training_and_evaluation_saw_the_same_test(run):
    """Two processes that measure one model on one test, each from what the definition handed it."""
    told = json.loads(run.local(_metrics(run)).read_text())
    lines = dict(
        line.split("=") for line in run.said["Train"].splitlines() if line.startswith(("test:", "popularity:"))
    )
    for side, figures in told.items():
        for name, value in figures.items():
            assert float(lines[f"{side}:{name}"]) == pytest.approx(value, abs=1e-6)
    assert told["test"]["ndcg_at_10"] > told["popularity"]["ndcg_at_10"]


@pytest.mark.slow
def test_the_package_tells_its_figure_and_where_the_others_are(run):
    package = run.requests["Register"]
    told = json.loads(run.local(_metrics(run)).read_text())
    assert package["CustomerMetadataProperties"] == {
        "measured": "ndcg_at_10", "ndcg_at_10": str(told["test"]["ndcg_at_10"]),
    }  # fmt: skip
    (container,) = package["InferenceSpecification"]["Containers"]
    assert run.local(container["ModelDataUrl"]).is_file()


def _metrics(run):
    return run.requests["Register"]["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]


@pytest.mark.slow
def test_a_model_that_does_not_beat_the_figure_named_is_not_registered(run, tmp_path):
    """The same steps, done already: only the condition is asked again, with another parameter."""
    again = pipelines.Run(run.definition, run.s3, tmp_path, requests={}, said={})
    again._answers = {**run._answers, "Parameters": {**run._answers["Parameters"], "Least": 0.99}}
    better = run.definition["Steps"][-1]
    again._all([better])
    assert again.requests == {}


def test_a_run_is_measured_by_the_newest_approved_model():
    effects = pipeline.plan(start=True).effects
    asked = effects[-1]
    assert isinstance(asked, Ask)
    (newest,) = [call for call in calls(effects) if call.operation == "ListModelPackages" and call.name == "approved"]
    assert newest.parameters["ModelApprovalStatus"] == "Approved"
    (against,), (plain,) = asked.found, asked.missing
    assert plain.parameters.get("PipelineParameters") is None
    (start,) = against.found
    assert start.parameters["PipelineParameters"] == [
        {"Name": "Least", "Value": "${champion.CustomerMetadataProperties.ndcg_at_10}"}
    ]


def test_a_figure_that_is_named_wins():
    *_, start = pipeline.plan(start=True, least=0.3).effects
    assert start.parameters["PipelineParameters"] == [{"Name": "Least", "Value": "0.3"}]


def test_without_a_figure_every_model_passes_the_parameter():
    for kind in ("recommender", "kmeans"):
        document = _definition(JOBS[kind])
        (least,) = [each["DefaultValue"] for each in document["Parameters"] if each["Name"] == steps.LEAST]
        condition = document["Steps"][-1]["Arguments"]["Conditions"][0]
        assert pipelines.COMPARED[condition["Type"]](0.001, least)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"last": 0}, "--last is a share"),
        ({"last": 1}, "--last is a share"),
        ({"channel": ["test=s3://films/test", "train=s3://films/train"]}, "divides the data itself"),
        ({"channel": ["films=s3://films/x"]}, "reads no channel"),
        ({"channel": ["train=films"]}, "no S3 address"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_sent(told, says):
    with pytest.raises(Refused, match=says):
        pipeline.plan(**told)


@cache
def _service():
    return botocore.session.get_session().get_service_model("sagemaker")
