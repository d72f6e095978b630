"""A model from a training job or from its file, shared by `deploy`, `register` and `transform`."""

from collections.abc import Mapping, Sequence
from typing import Any

from . import jobs, naming, undoing
from .defaults import TAGS
from .plan import Call
from .refusals import Refused


def source(job: str, model_data: str) -> tuple[tuple[Call, ...], str]:
    """Return the question to ask first, and where the model's file is. Raises Refused unless one is given."""
    if bool(job) == bool(model_data):
        raise Refused("name the model by one of --job and --model-data")
    if model_data:
        return (), naming.s3_uri(model_data)
    asked = Call(
        service="sagemaker", operation="DescribeTrainingJob", parameters={"TrainingJobName": job},
        why=f"ask where {job} left its model", name="job",
    )  # fmt: skip
    return (asked,), "${job.ModelArtifacts.S3ModelArtifacts}"


def create(
    name: str,
    *,
    role: str,
    container: Mapping[str, Any],
    isolated: bool = False,
    vpc: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> Call:
    """Return the call that makes a model of SageMaker's; `vpc` names subnets and security groups of yours."""
    return Call(
        service="sagemaker", operation="CreateModel", why=f"make the model {name}", made=f"model {name}",
        undo=(undoing.delete("Model", name),),
        parameters={
            "ModelName": naming.sagemaker(name), "ExecutionRoleArn": role, "PrimaryContainer": dict(container),
            "EnableNetworkIsolation": isolated, "Tags": TAGS, **jobs.vpc(*vpc),
        },
    )  # fmt: skip
