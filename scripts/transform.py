"""transform: answers for a whole folder in S3, by machines that are gone afterwards."""

from typing import Annotated, Any

from typer import Argument, Option

from .aws import defaults, flags, links, models, naming, undoing
from .aws.plan import Call, Cost, Plan, Wait
from .aws.refusals import Refused


def plan(
    source: Annotated[str, Argument(help="s3://bucket/folder of requests, a line each")],
    *,
    name: Annotated[str, Option(help="the job")] = defaults.JOB,
    job: flags.FromJob = "",
    model_data: flags.ModelData = "",
    model: Annotated[str, Option(help="a model of SageMaker's, in place of --job")] = "",
    image: flags.Image = defaults.IMAGE,
    role: flags.Role = defaults.ROLE,
    bucket: flags.Bucket = defaults.BUCKET,
    content_type: Annotated[str, Option(help="text/csv or application/jsonlines")] = "application/jsonlines",
    instance: flags.Instance = defaults.INSTANCE,
    count: flags.Count = 1,
    wait: flags.Wait = True,
) -> Plan:
    """Answer every line of a folder; the answers lie in the bucket below answers/NAME."""
    naming.sagemaker(name)
    if content_type not in ("text/csv", "application/jsonlines"):
        raise Refused(f"--content-type cannot be '{content_type}': lines are text/csv or application/jsonlines")
    before = () if model else _model(name, job, model_data, image, role)
    where = f"s3://{naming.bucket(bucket)}/answers/{name}"
    started = Call(
        service="sagemaker", operation="CreateTransformJob", why=f"start the transform job {name}",
        made=f"transform job {name}", cost=Cost(instance=instance, count=count),
        undo=(*undoing.job("Transform", name), undoing.objects(bucket, f"answers/{name}/")),
        parameters=_parameters(name, model or name, source, where, content_type, (instance, count)),
    )  # fmt: skip
    return Plan(
        title=f"answer {source}",
        effects=(*before, started, *((_watch(name),) if wait else ())),
        links=(links.sagemaker(f"transform-jobs/{name}"),),
        then=f"aws s3 cp --recursive '{where}' answers",
    )


def _model(name: str, job: str, model_data: str, image: str, role: str) -> tuple[Call, ...]:
    asked, data = models.source(job, model_data)
    return (*asked, models.create(name, role=role, container={"Image": image, "ModelDataUrl": data}))


def _parameters(
    name: str, model: str, source: str, where: str, content_type: str, machines: tuple[str, int]
) -> dict[str, Any]:
    data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": naming.s3_uri(source)}}
    return {
        "TransformJobName": name, "ModelName": model, "BatchStrategy": "MultiRecord",
        "TransformInput": {"DataSource": data, "ContentType": content_type, "SplitType": "Line"},
        "TransformOutput": {"S3OutputPath": where, "Accept": content_type, "AssembleWith": "Line"},
        "TransformResources": {"InstanceType": machines[0], "InstanceCount": machines[1]},
        "Tags": defaults.TAGS,
    }  # fmt: skip


def _watch(name: str) -> Wait:
    return Wait(
        probe=Call(
            service="sagemaker", operation="DescribeTransformJob", parameters={"TransformJobName": name},
            why=f"look at {name}", name="transform",
        ),
        path="TransformJobStatus", good=("Completed",), bad=("Failed", "Stopped"),
    )  # fmt: skip
