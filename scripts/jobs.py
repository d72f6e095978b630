"""A training job's request, shared by `train`, `tune` and `pipeline`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import specification
from .aws import naming
from .aws.defaults import BUCKET, IMAGE, INSTANCE, ROLE
from .aws.refusals import Refused

GIVEN = {"recommender": ("interactions", "items"), "kmeans": ("train",)}
"""The channels of an algorithm where none is named: folders of the data's."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a training job is told; `settings` and `channels` are checked by the algorithm's own tables."""

    algorithm: str = "recommender"
    image: str = IMAGE
    role: str = ROLE
    bucket: str = BUCKET
    data: str = ""
    channel: Sequence[str] = ()
    settings: Mapping[str, str] | None = None
    instance: str = INSTANCE
    count: int = 1
    volume_gb: int = 30
    max_hours: float = 4
    spot: bool = True
    isolated: bool = False
    subnet: Sequence[str] = ()
    security_group: Sequence[str] = ()
    kms_key: str = ""


def algorithm_specification(job: Job) -> dict[str, Any]:
    """Return AlgorithmSpecification: the image, and where its metrics are found in the log."""
    return {
        "TrainingImage": job.image,
        "TrainingInputMode": "File",
        "MetricDefinitions": specification.metric_definitions(job.algorithm),
    }


def inputs(job: Job) -> list[dict[str, Any]]:
    """Return InputDataConfig. Raises Refused for a channel that the algorithm does not read."""
    base = job.data or f"s3://{job.bucket}/data"
    given = dict(map(naming.pair, job.channel)) or {name: f"{base}/{name}" for name in GIVEN[job.algorithm]}
    return [_channel(name, uri) for name, uri in specification.channels(job.algorithm, given).items()]


def resources(job: Job) -> dict[str, Any]:
    """Return ResourceConfig."""
    if job.count < 1:
        raise Refused("--count is at least 1")
    told = {"InstanceType": job.instance, "InstanceCount": job.count, "VolumeSizeInGB": job.volume_gb}
    return {**told, **({"VolumeKmsKeyId": job.kms_key} if job.kms_key else {})}


def output(job: Job) -> dict[str, Any]:
    """Return OutputDataConfig."""
    where = {"S3OutputPath": f"s3://{job.bucket}/models"}
    return {**where, **({"KmsKeyId": job.kms_key} if job.kms_key else {})}


def manners(job: Job, *, checkpoints: str) -> dict[str, Any]:
    """Return how the job runs: time, spot with checkpoints, network. `checkpoints` is their folder in the bucket."""
    seconds = round(job.max_hours * 3600)
    if seconds < 60:
        raise Refused("--max-hours is too short: a machine alone takes minutes to start")
    if bool(job.subnet) != bool(job.security_group):
        raise Refused("--subnet and --security-group go together")
    told: dict[str, Any] = {"EnableNetworkIsolation": job.isolated, "EnableManagedSpotTraining": job.spot}
    told["StoppingCondition"] = {"MaxRuntimeInSeconds": seconds}
    if job.spot:
        told["StoppingCondition"]["MaxWaitTimeInSeconds"] = 2 * seconds
        told["CheckpointConfig"] = {"S3Uri": f"s3://{job.bucket}/checkpoints/{checkpoints}"}
    if job.subnet:
        told["VpcConfig"] = {"Subnets": list(job.subnet), "SecurityGroupIds": list(job.security_group)}
    return told


def hyperparameters(job: Job) -> dict[str, str]:
    """Return HyperParameters."""
    return specification.hyperparameters(job.algorithm, job.settings or {})


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": naming.s3_uri(uri), "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
