"""pipeline: train, and register the model where it is better, as a definition of SageMaker Pipelines.

Training holds out the last of the time, measures the model on it, and measures popularity beside it, so there is no job
for either of these; the condition reads the figures off the training step.
"""

import json
from typing import Annotated, Any

from typer import Option

from . import flags, jobs, specification
from .aws import defaults, links, naming
from .aws.plan import MISSING, Call, Cost, Plan, once
from .register import package_group

Document = dict[str, Any]
VERSION = "2020-12-01"
TOKEN = "one-request-of-kindred-about-pipelines-${now}"  # AWS wants 32 characters at least


def plan(
    *,
    name: Annotated[str, Option(help="the pipeline")] = "kindred",
    group: Annotated[str, Option(help="the model package group")] = "kindred",
    least: Annotated[float, Option(help="register only above this figure; a run may name another one")] = 0.0,
    algorithm: flags.Algorithm = "recommender",
    image: flags.Image = defaults.IMAGE,
    role: flags.Role = defaults.ROLE,
    bucket: flags.Bucket = defaults.BUCKET,
    data: flags.Data = "",
    channel: flags.Channels = None,
    settings: flags.Settings = None,
    instance: flags.Instance = defaults.INSTANCE,
    start: Annotated[bool, Option("--start", help="start a run of it at once")] = False,
) -> Plan:
    """Make a pipeline that trains, and registers the model where it beats popularity and the figure named."""
    job = jobs.Job(
        algorithm=algorithm, image=image, role=role, bucket=naming.bucket(bucket), data=data, channel=channel or (),
        settings=dict(map(naming.pair, settings or ())), instance=instance,
    )  # fmt: skip
    document = definition(job, group=group, least=least)
    there = Call(
        service="sagemaker", operation="DescribePipeline", parameters={"PipelineName": name}, why=f"look for {name}"
    )
    return Plan(
        title=f"make the pipeline {name}",
        effects=(
            package_group(group),
            once(there, _create(naming.sagemaker(name), role, document)),
            *((_start(name, instance),) if start else ()),
        ),
        links=(links.sagemaker(f"pipelines/{name}"),),
        then="" if start else f"aws sagemaker start-pipeline-execution --pipeline-name {name}",
    )  # fmt: skip


def definition(job: jobs.Job, *, group: str, least: float) -> Document:
    """Return the definition: a training step, a condition on its figures, and the registration behind it."""
    return {
        "Version": VERSION,
        "Metadata": {},
        "Parameters": [
            {"Name": "Least", "Type": "Float", "DefaultValue": least},
            {"Name": "InstanceType", "Type": "String", "DefaultValue": job.instance},
        ],
        "Steps": [_train(job), _better(job, _register(job, group))],
    }


def _train(job: jobs.Job) -> Document:
    machines = {**jobs.resources(job), "InstanceType": {"Get": "Parameters.InstanceType"}}
    return {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "RoleArn": job.role, "AlgorithmSpecification": jobs.algorithm_specification(job),
            "HyperParameters": jobs.hyperparameters(job), "InputDataConfig": jobs.inputs(job),
            "OutputDataConfig": jobs.output(job), "ResourceConfig": machines,
            **jobs.manners(job, checkpoints="pipeline/"),
        },
    }  # fmt: skip


def _better(job: jobs.Job, register: Document) -> Document:
    aim, _ = specification.tuning(job.algorithm, None)
    figure = _figure(aim["MetricName"])
    kind = "GreaterThan" if aim["Type"] == "Maximize" else "LessThan"
    rivals: list[Document] = [{"Get": "Parameters.Least"}]
    popular = aim["MetricName"].replace("test:", "popularity:")
    if popular in [row["Name"] for row in specification.metric_definitions(job.algorithm)]:
        rivals.append(_figure(popular))
    return {
        "Name": "Better",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [{"Type": kind, "LeftValue": figure, "RightValue": rival} for rival in rivals],
            "IfSteps": [register], "ElseSteps": [],
        },
    }  # fmt: skip


def _figure(metric: str) -> Document:
    return {"Get": f"Steps.Train.FinalMetricDataList['{metric}'].Value"}


def _register(job: jobs.Job, group: str) -> Document:
    spec = specification.inference(job.algorithm, image=job.image, model_data="")
    spec["Containers"][0]["ModelDataUrl"] = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    return {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": group, "InferenceSpecification": spec,
            "ModelApprovalStatus": "PendingManualApproval",
        },
    }  # fmt: skip


def _create(name: str, role: str, document: Document) -> Call:
    return Call(
        service="sagemaker", operation="CreatePipeline", why=f"make the pipeline {name}", made=f"pipeline {name}",
        undo=(_delete(name),),
        parameters={
            "PipelineName": name, "PipelineDefinition": json.dumps(document), "RoleArn": role,
            "ClientRequestToken": TOKEN, "Tags": defaults.TAGS,
        },
    )  # fmt: skip


def _delete(name: str) -> Call:
    return Call(
        service="sagemaker", operation="DeletePipeline", parameters={"PipelineName": name, "ClientRequestToken": TOKEN},
        why=f"delete {name}", accept=MISSING,
    )  # fmt: skip


def _start(name: str, instance: str) -> Call:
    return Call(
        service="sagemaker", operation="StartPipelineExecution", why="start a run",
        cost=Cost(instance=instance, spot=True),
        parameters={"PipelineName": name, "ClientRequestToken": TOKEN}, name="run",
    )  # fmt: skip
