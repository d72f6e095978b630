"""The steps of a pipeline as SageMaker Pipelines writes them, version 2020-12-01 of its definitions.

The arguments of a step are the request that SageMaker sends for it; in the place of a value may stand an expression,
`Get` of a parameter or of an earlier step, `Std:Join` of several, or `Std:JsonGet` of a figure in a property file.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from . import jobs, naming, specification
from .defaults import INSTANCE
from .refusals import Refused

Document = dict[str, Any]

FOLDER = "/opt/ml/processing"  # SageMaker's, for the inputs and outputs of a processing job
KINDRED = ("python", "-m", "kindred.entry", "kindred")  # the image has no command of the package's name
METRICS = "metrics.json"
LEAST, TRAINING, PROCESSING = "Least", "InstanceType", "ProcessingInstanceType"
WORST = {"Maximize": 0.0, "Minimize": 1e300}  # what every figure is better than


def parameters(job: jobs.Job, *, least: float | None) -> list[Document]:
    """Return what a run may be told otherwise than by default."""
    aim, _ = specification.tuning(job.algorithm, None)
    return [
        {"Name": LEAST, "Type": "Float", "DefaultValue": WORST[aim["Type"]] if least is None else least},
        {"Name": TRAINING, "Type": "String", "DefaultValue": job.instance},
        {"Name": PROCESSING, "Type": "String", "DefaultValue": INSTANCE},
    ]


def prepare(job: jobs.Job, *, name: str, last: float) -> Document:
    """Return the step that divides the data by time, `last` the test's share. Raises Refused for other channels."""
    words = ("divide", f"{FOLDER}/input", f"{FOLDER}/output", "--last", f"{last:g}")
    given = dict(map(naming.pair, job.channel))
    if set(specification.channels(job.algorithm, given)) - {"interactions", "items", "train", "training"}:
        raise Refused("a pipeline divides the data itself: bring the channels interactions and items, or train")
    places = {each: (uri, f"{FOLDER}/input/{each}") for each, uri in given.items()}
    inputs = places or {"data": (jobs.home(job), f"{FOLDER}/input")}
    outputs = {each: f"{FOLDER}/output/{each}" for each in ("train", "test")}
    return {
        "Name": "Prepare", "Type": "Processing",
        "Arguments": _processing(job, words, inputs=inputs, outputs=outputs, name=name),
    }  # fmt: skip


def train(job: jobs.Job, *, name: str, prepared: bool) -> Document:
    """Return the step that trains: on what was prepared, and judged by its test, or on the channels as they are."""
    arguments = {
        "RoleArn": job.role, "AlgorithmSpecification": jobs.algorithm_specification(job),
        "HyperParameters": jobs.hyperparameters(job), "InputDataConfig": jobs.inputs(job),
        "OutputDataConfig": {**jobs.output(job), "S3OutputPath": _of_run(job, name)},
        "ResourceConfig": {**jobs.resources(job), "InstanceType": _of(TRAINING)}, **jobs.manners(job, checkpoints=""),
    }  # fmt: skip
    if prepared:
        arguments["InputDataConfig"] = [jobs.channel(each, _output("Prepare", each)) for each in ("train", "test")]
    if job.spot:
        arguments["CheckpointConfig"] = {"S3Uri": _of_run(job, name, "checkpoints")}
    return {"Name": "Train", "Type": "Training", "Arguments": arguments}


def evaluate(job: jobs.Job, *, name: str) -> Document:
    """Return the step that measures the model on the test, beside popularity, and the file its figures are in."""
    words = (
        "evaluate", f"{FOLDER}/input/model/model.tar.gz", "--test", f"{FOLDER}/input/test",
        "--out", f"{FOLDER}/output/metrics/{METRICS}",
    )  # fmt: skip
    model = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    inputs = {"model": (model, f"{FOLDER}/input/model"), "test": (_output("Prepare", "test"), f"{FOLDER}/input/test")}
    outputs = {"metrics": f"{FOLDER}/output/metrics"}
    return {
        "Name": "Evaluate", "Type": "Processing",
        "Arguments": _processing(job, words, inputs=inputs, outputs=outputs, name=name),
        "PropertyFiles": [{"PropertyFileName": "Metrics", "OutputName": "metrics", "FilePath": METRICS}],
    }  # fmt: skip


def better(job: jobs.Job, *, evaluated: bool, then: Document) -> Document:
    """Return the condition: the figure beats the parameter `Least`, and popularity where that is measured."""
    aim, _ = specification.tuning(job.algorithm, None)
    figure = _measured if evaluated else _trained
    rivals: list[Document] = [_of(LEAST)]
    popular = aim["MetricName"].replace("test:", "popularity:")
    if popular in [row["Name"] for row in specification.metric_definitions(job.algorithm)]:
        rivals.append(figure(popular))
    kind = "GreaterThan" if aim["Type"] == "Maximize" else "LessThan"
    return {
        "Name": "Better", "Type": "Condition",
        "Arguments": {
            "Conditions": [
                {"Type": kind, "LeftValue": figure(aim["MetricName"]), "RightValue": rival} for rival in rivals
            ],
            "IfSteps": [then], "ElseSteps": [],
        },
    }  # fmt: skip


def register(job: jobs.Job, *, group: str, described: str, evaluated: bool) -> Document:
    """Return the step that puts the model into the registry, with its figure as text, so that a later run can ask."""
    aim, _ = specification.tuning(job.algorithm, None)
    spec = specification.inference(job.algorithm, image=job.image, model_data="")
    spec["Containers"][0]["ModelDataUrl"] = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    name = figure(job.algorithm)
    value = (_measured if evaluated else _trained)(aim["MetricName"])
    arguments: Document = {
        "ModelPackageGroupName": group, "InferenceSpecification": spec, "ModelApprovalStatus": "PendingManualApproval",
        "ModelPackageDescription": described, "CustomerMetadataProperties": {"measured": name, name: _join("", value)},
    }  # fmt: skip
    if evaluated:
        where = _join("/", _output("Evaluate", "metrics"), METRICS)
        arguments["ModelMetrics"] = {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": where}}
        }
    return {"Name": "Register", "Type": "RegisterModel", "Arguments": arguments}


def home(pipeline: str) -> str:
    """Return the folder in the bucket that holds what the runs of a pipeline leave."""
    return f"pipelines/{pipeline}"


def figure(algorithm: str) -> str:
    """Return the name under which a package of the registry tells the figure that it was chosen by."""
    aim, _ = specification.tuning(algorithm, None)
    return str(aim["MetricName"]).partition(":")[2]


def _processing(
    job: jobs.Job,
    words: Sequence[str],
    *,
    inputs: Mapping[str, tuple[Any, str]],
    outputs: Mapping[str, str],
    name: str,
) -> Document:
    """The request for `kindred …` on one machine of our image; inputs and outputs are folders of it."""
    cluster: Document = {"InstanceType": _of(PROCESSING), "InstanceCount": 1, "VolumeSizeInGB": job.volume_gb}
    if job.kms_key:
        cluster["VolumeKmsKeyId"] = job.kms_key
    results: Document = {"Outputs": [_put(job, name, each, path) for each, path in outputs.items()]}
    return {
        "RoleArn": job.role,
        "AppSpecification": {
            "ImageUri": job.image, "ContainerEntrypoint": list(KINDRED), "ContainerArguments": list(words),
        },
        "ProcessingResources": {"ClusterConfig": cluster},
        "ProcessingInputs": [_get(each, uri, path) for each, (uri, path) in inputs.items()],
        "ProcessingOutputConfig": {**results, **({"KmsKeyId": job.kms_key} if job.kms_key else {})},
        "StoppingCondition": {"MaxRuntimeInSeconds": round(job.max_hours * 3600)},
        "NetworkConfig": {"EnableNetworkIsolation": job.isolated, **jobs.vpc(job.subnet, job.security_group)},
    }  # fmt: skip


def _get(name: str, uri: Any, path: str) -> Document:
    source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source}


def _put(job: jobs.Job, pipeline: str, name: str, path: str) -> Document:
    where = _of_run(job, pipeline, name)
    return {"OutputName": name, "S3Output": {"S3Uri": where, "LocalPath": path, "S3UploadMode": "EndOfJob"}}


def _of(parameter: str) -> Document:
    return {"Get": f"Parameters.{parameter}"}


def _of_run(job: jobs.Job, pipeline: str, *folders: str) -> Document:
    """A folder of each run's own."""
    return _join("/", f"s3://{job.bucket}/{home(pipeline)}", {"Get": "Execution.PipelineExecutionId"}, *folders)


def _output(step: str, name: str) -> Document:
    return {"Get": f"Steps.{step}.ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri"}


def _join(on: str, *values: Any) -> Document:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def _measured(metric: str) -> Document:
    file = {"Get": "Steps.Evaluate.PropertyFiles.Metrics"}
    return {"Std:JsonGet": {"PropertyFile": file, "Path": metric.replace(":", ".")}}


def _trained(metric: str) -> Document:
    return {"Get": f"Steps.Train.FinalMetricDataList['{metric}'].Value"}
