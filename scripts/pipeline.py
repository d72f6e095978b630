"""pipeline: prepare, train, evaluate, and register the model where it is better, as a definition of SageMaker's."""

import json
from typing import Annotated, Any

from typer import Option

from .aws import defaults, flags, jobs, links, naming, specification, steps, undoing
from .aws.plan import MISSING, Ask, Call, Cost, Each, Effect, Plan
from .register import package_group

VERSION = "2020-12-01"
FOLLOW = "aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn '${run.PipelineExecutionArn}'"


def plan(
    *,
    name: Annotated[str, Option(help="the pipeline; one that is there gets the new definition")] = "kindred",
    group: Annotated[str, Option(help="the model package group")] = "kindred",
    least: Annotated[float | None, Option(help="the figure to beat; else the approved model's")] = None,
    last: Annotated[float, Option(help="the share of the events, the last ones, that the model is judged by")] = 0.1,
    algorithm: flags.Algorithm = "recommender",
    image: flags.Image = defaults.IMAGE,
    role: flags.Role = defaults.ROLE,
    bucket: flags.Bucket = defaults.BUCKET,
    data: flags.Data = "",
    channel: flags.Channels = None,
    settings: flags.Settings = None,
    instance: flags.Instance = defaults.INSTANCE,
    volume_gb: flags.VolumeGb = 30,
    max_hours: flags.MaxHours = 4,
    spot: flags.Spot = True,
    isolated: flags.Isolated = False,
    subnet: flags.Subnets = None,
    security_group: flags.SecurityGroups = None,
    kms_key: flags.KmsKey = "",
    start: Annotated[bool, Option("--start", help="start a run of it at once")] = False,
) -> Plan:
    """Make a pipeline, or change it: it registers a model that beats popularity and the newest approved one."""
    job = jobs.Job(
        algorithm=algorithm, image=image, role=role, bucket=naming.bucket(bucket), data=data, channel=channel or (),
        settings=dict(map(naming.pair, settings or ())), instance=instance, volume_gb=volume_gb, max_hours=max_hours,
        spot=spot, isolated=isolated, subnet=subnet or (), security_group=security_group or (), kms_key=kms_key,
    )  # fmt: skip
    document = definition(job, name=naming.sagemaker(name), group=group, least=least, last=last)
    return Plan(
        title=f"make the pipeline {name}",
        effects=(
            package_group(group),
            _made(name, role, document, _undone(name, group, job.bucket)),
            *(_started(name, job, group, least) if start else ()),
        ),
        links=(links.sagemaker(f"pipelines/{name}"),),
        then=FOLLOW if start else f"kindred-aws pipeline --name {name} --start",
    )


def definition(job: jobs.Job, *, name: str, group: str, least: float | None, last: float) -> dict[str, Any]:
    """Return the definition. An algorithm that no command evaluates is trained and registered by training's figures."""
    jobs.share(last, flag="--last")
    evaluated = specification.evaluates(job.algorithm)
    register = steps.register(job, group=group, described=described(name), evaluated=evaluated)
    return {
        "Version": VERSION,
        "Metadata": {},
        "Parameters": steps.parameters(job, least=least),
        "Steps": [
            *([steps.prepare(job, name=name, last=last)] if evaluated else []),
            steps.train(job, name=name, prepared=evaluated),
            *([steps.evaluate(job, name=name)] if evaluated else []),
            steps.better(job, evaluated=evaluated, then=register),
        ],
    }


def described(name: str) -> str:
    """Return what the packages that a pipeline registers say of themselves, by which they are known again."""
    return f"by the pipeline {name} of kindred"


def _made(name: str, role: str, document: dict[str, Any], undo: tuple[Effect, ...]) -> Ask:
    told = {"PipelineName": name, "PipelineDefinition": json.dumps(document), "RoleArn": role}
    there = Call(
        service="sagemaker", operation="DescribePipeline", parameters={"PipelineName": name}, why=f"look for {name}"
    )
    update = Call(service="sagemaker", operation="UpdatePipeline", parameters=told, why=f"change the pipeline {name}")
    create = Call(
        service="sagemaker", operation="CreatePipeline", why=f"make the pipeline {name}", made=f"pipeline {name}",
        undo=undo, parameters={**told, "Tags": defaults.TAGS},
    )  # fmt: skip
    return Ask(probe=there, found=(update,), missing=(create,))


def _undone(name: str, group: str, bucket: str) -> tuple[Effect, ...]:
    """What stops the runs and deletes the pipeline, the packages it registered and what its runs left in the bucket."""
    running = Each(
        listing=Call(
            service="sagemaker", operation="ListPipelineExecutions", parameters={"PipelineName": name},
            why=f"list the runs of {name}",
        ),
        lists=("PipelineExecutionSummaries",), where=("PipelineExecutionStatus", "Executing"),
        call=Call(
            service="sagemaker", operation="StopPipelineExecution", why="stop a run", accept=MISSING,
            parameters={"PipelineExecutionArn": "${item.PipelineExecutionArn}"},
        ),
    )  # fmt: skip
    # AWS deletes no pipeline that still has a run to stop, and says so: then cleanup is run again.
    delete = Call(
        service="sagemaker", operation="DeletePipeline", parameters={"PipelineName": name}, why=f"delete {name}",
        accept=MISSING,
    )  # fmt: skip
    left = undoing.objects(bucket, f"{steps.home(name)}/")
    return running, delete, undoing.packages(group, described(name)), left


def _started(name: str, job: jobs.Job, group: str, least: float | None) -> tuple[Effect, ...]:
    """Start a run; with no figure named, the one to beat is that of the newest approved package which tells it."""
    if least is not None:
        return (_start(name, job, str(least)),)
    figure = steps.figure(job.algorithm)
    newest = Call(
        service="sagemaker", operation="ListModelPackages", why=f"look for the newest approved model of {group}",
        name="approved", parameters={
            "ModelPackageGroupName": group, "ModelApprovalStatus": "Approved", "SortBy": "CreationTime",
            "SortOrder": "Descending", "MaxResults": 1,
        },
    )  # fmt: skip
    told = Call(
        service="sagemaker", operation="DescribeModelPackage", why="ask what it was measured at", name="champion",
        parameters={"ModelPackageName": "${approved.ModelPackageSummaryList.0.ModelPackageArn}"},
    )  # fmt: skip
    plain = _start(name, job, None)
    against = Ask(
        probe=told, path="CustomerMetadataProperties.measured", states=(figure,), missing=(plain,),
        found=(_start(name, job, f"${{champion.CustomerMetadataProperties.{figure}}}"),),
    )  # fmt: skip
    approved = "ModelPackageSummaryList.0.ModelApprovalStatus"
    return (Ask(probe=newest, path=approved, states=("Approved",), found=(against,), missing=(plain,)),)


def _start(name: str, job: jobs.Job, least: str | None) -> Call:
    told = {} if least is None else {"PipelineParameters": [{"Name": steps.LEAST, "Value": least}]}
    return Call(
        service="sagemaker", operation="StartPipelineExecution", why="start a run", name="run",
        cost=Cost(instance=job.instance, spot=job.spot),
        parameters={"PipelineName": name, **told},
    )  # fmt: skip
