"""deploy: an endpoint that answers, made or updated in place."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typer import Option

from .aws import defaults, flags, links, models, naming, undoing
from .aws.plan import Ask, Call, Cost, Effect, Plan, Wait
from .aws.refusals import Refused
from .aws.scaling import scaling

VARIANT = "AllTraffic"
Kind = Literal["real-time", "serverless", "async"]
SCALED = {
    "RetainAllVariantProperties": True,
    "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}],
}
KEPT: Mapping[Kind, Mapping[str, Any]] = {"real-time": SCALED, "async": SCALED, "serverless": {}}
"""What an update keeps: as many machines as autoscaling has made it by then, so that no request finds too few."""


def plan(
    *,
    name: Annotated[str, Option(help="the endpoint; one that is there is updated without a pause")] = defaults.ENDPOINT,
    job: flags.FromJob = "",
    model_data: flags.ModelData = "",
    package: Annotated[str, Option(help="the ARN of an approved model package, in place of --job")] = "",
    image: flags.Image = defaults.IMAGE,
    role: flags.Role = defaults.ROLE,
    bucket: flags.Bucket = defaults.BUCKET,
    instance: flags.Instance = defaults.INSTANCE,
    count: flags.Count = 1,
    most: Annotated[int, Option(help="autoscaling goes up to so many machines; --count is the least")] = 4,
    per_minute: Annotated[int, Option(help="invocations a minute and machine that autoscaling aims at")] = 1000,
    capture: Annotated[int, Option(help="percent of requests and answers kept in the bucket")] = 10,
    serverless: Annotated[bool, Option("--serverless", help="no machine while nobody asks")] = False,
    memory_mb: Annotated[int, Option(help="serverless: 1024 to 6144 in steps of 1024")] = 2048,
    concurrency: Annotated[int, Option(help="serverless: requests at once")] = 5,
    asynchronous: Annotated[bool, Option("--async", help="answers go to the bucket")] = False,
    multi_model: Annotated[bool, Option("--multi-model", help="--model-data is a folder of model files")] = False,
    isolated: flags.Isolated = False,
    subnet: flags.Subnets = None,
    security_group: flags.SecurityGroups = None,
    kms_key: flags.KmsKey = "",
    wait: flags.Wait = True,
) -> Plan:
    """Make an endpoint, or update it in place: --serverless, --async and --multi-model are its other kinds."""
    kind = _kind(serverless=serverless, asynchronous=asynchronous, multi_model=multi_model)
    if serverless and (isolated or subnet or kms_key):
        raise Refused("a serverless endpoint knows no --isolated, --subnet and --kms-key")
    if not (wait or serverless):
        raise Refused("--no-wait goes with --serverless alone: autoscaling is set up once the endpoint is in service")
    made = f"{naming.sagemaker(name, most=47)}-${{now}}"
    asked, container = _container(job, model_data, package, image, multi_model=multi_model)
    variant = _serverless(made, memory_mb, concurrency) if serverless else _machines(made, instance, count)
    model = models.create(
        made, role=role, container=container, isolated=isolated, vpc=(subnet or (), security_group or ())
    )
    config = _config(made, variant, kind, bucket, capture=capture, kms_key=kms_key)
    cost = None if serverless else Cost(instance=instance, count=count)
    effects: tuple[Effect, ...] = (
        *asked, model, config,
        _endpoint(name, made, kind, cost),
        *((_watch(name),) if wait else ()),
        *(() if serverless else scaling(name, VARIANT, (count, most), per_minute, queue=asynchronous)),
    )  # fmt: skip
    return Plan(
        title=f"deploy the endpoint {name} ({kind})",
        effects=effects,
        links=(links.sagemaker(f"endpoints/{name}"),),
        then=f"kindred-aws invoke --endpoint {name} {_question(kind, multi_model=multi_model)}",
        notes=("Serverless is paid by the request: memory times seconds, and nothing in between.",)
        if serverless
        else (),
    )


def _question(kind: Kind, *, multi_model: bool) -> str:
    """What `invoke` is told to ask such an endpoint."""
    if kind == "async":
        return "--s3-input s3://BUCKET/REQUEST.json"
    return "--history ID,ID --target-model MODEL.tar.gz" if multi_model else "--history ID,ID"


def _kind(*, serverless: bool, asynchronous: bool, multi_model: bool) -> Kind:
    if serverless + asynchronous + multi_model > 1:
        raise Refused("--serverless, --async and --multi-model exclude one another")
    return "serverless" if serverless else "async" if asynchronous else "real-time"


def _container(
    job: str, model_data: str, package: str, image: str, *, multi_model: bool
) -> tuple[tuple[Call, ...], dict[str, Any]]:
    if package:
        if job or model_data:
            raise Refused("--package brings its own model: leave --job and --model-data out")
        return (), {"ModelPackageName": package}
    asked, data = models.source(job, model_data)
    if not multi_model:
        return asked, {"Image": image, "ModelDataUrl": data}
    if not model_data.endswith("/"):
        raise Refused(
            "--multi-model needs --model-data s3://bucket/folder/ with a slash at its end: the folder of the models"
        )
    return asked, {"Image": image, "ModelDataUrl": data, "Mode": "MultiModel"}


def _machines(model: str, instance: str, count: int) -> dict[str, Any]:
    if count < 1:
        raise Refused("--count is at least 1")
    return {
        "VariantName": VARIANT, "ModelName": model, "InstanceType": instance, "InitialInstanceCount": count,
        "InitialVariantWeight": 1.0,
    }  # fmt: skip


def _serverless(model: str, memory_mb: int, concurrency: int) -> dict[str, Any]:
    if memory_mb not in range(1024, 6145, 1024):
        raise Refused(f"--memory-mb cannot be {memory_mb} (valid: 1024, 2048, 3072, 4096, 5120, 6144)")
    told = {"MemorySizeInMB": memory_mb, "MaxConcurrency": concurrency}
    return {"VariantName": VARIANT, "ModelName": model, "ServerlessConfig": told}


def _config(name: str, variant: dict[str, Any], kind: Kind, bucket: str, *, capture: int, kms_key: str) -> Call:
    if not 0 <= capture <= 100:
        raise Refused("--capture is a percentage, 0 to 100")
    parameters: dict[str, Any] = {"EndpointConfigName": name, "ProductionVariants": [variant], "Tags": defaults.TAGS}
    if kms_key:
        parameters["KmsKeyId"] = kms_key
    if capture and kind == "real-time":
        parameters["DataCaptureConfig"] = _capture(bucket, capture)
    if kind == "async":
        where = {"S3OutputPath": f"s3://{bucket}/answers", "S3FailurePath": f"s3://{bucket}/failures"}
        parameters["AsyncInferenceConfig"] = {"OutputConfig": where}
    return Call(
        service="sagemaker", operation="CreateEndpointConfig", why=f"describe the endpoint as {name}",
        made=f"config of an endpoint, {name}", undo=(undoing.delete("EndpointConfig", name),), parameters=parameters,
    )  # fmt: skip


def _capture(bucket: str, percent: int) -> dict[str, Any]:
    return {
        "EnableCapture": True, "InitialSamplingPercentage": percent, "DestinationS3Uri": f"s3://{bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json", "application/jsonlines"],
        },
    }  # fmt: skip


def _endpoint(name: str, config: str, kind: Kind, cost: Cost | None) -> Ask:
    parameters = {"EndpointName": name, "EndpointConfigName": config}
    # SageMaker brings the new machines up beside the old ones, and keeps the old ones where that fails.
    update = Call(
        service="sagemaker", operation="UpdateEndpoint", parameters={**parameters, **KEPT[kind]}, cost=cost,
        why=f"update {name} in place",
    )  # fmt: skip
    create = Call(
        service="sagemaker", operation="CreateEndpoint", parameters={**parameters, "Tags": defaults.TAGS}, cost=cost,
        why=f"make the endpoint {name}", made=f"endpoint {name}", undo=undoing.endpoint(name),
    )  # fmt: skip
    return Ask(probe=_look(name), found=(update,), missing=(create,))


def _look(name: str) -> Call:
    return Call(
        service="sagemaker", operation="DescribeEndpoint", parameters={"EndpointName": name}, why=f"look at {name}",
        name="endpoint",
    )  # fmt: skip


def _watch(name: str) -> Wait:
    return Wait(
        # An update that failed ends InService too, once it is rolled back: to what was there before.
        probe=_look(name), path="EndpointStatus", good=("InService",),
        bad=("Failed", "RollingBack", "UpdateRollbackFailed"), log=_log(name),
    )  # fmt: skip


def _log(name: str) -> tuple[Call, ...]:
    """What asks for the lines that the endpoint's container wrote last."""
    group = f"/aws/sagemaker/Endpoints/{name}"
    return (
        Call(
            service="logs", operation="DescribeLogStreams", why=f"look for the log of {name}", name="streams",
            parameters={"logGroupName": group, "orderBy": "LastEventTime", "descending": True, "limit": 1},
        ),
        Call(
            service="logs", operation="GetLogEvents", why="read its last lines", name="log",
            parameters={
                "logGroupName": group, "logStreamName": "${streams.logStreams.0.logStreamName}", "limit": 50,
                "startFromHead": False,
            },
        ),
    )  # fmt: skip
