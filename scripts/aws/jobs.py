"""A training job's request, shared by `train`, `tune` and `pipeline`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import naming, specification
from .defaults import BUCKET, IMAGE, INSTANCE, ROLE
from .refusals import Refused

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
    # A prefix and no folder to SageMaker: without the slash at its end it would bring `items-old` with `items`.
    given = dict(map(naming.pair, job.channel)) or {name: f"{home(job)}{name}/" for name in GIVEN[job.algorithm]}
    return [channel(name, naming.s3_uri(uri)) for name, uri in specification.channels(job.algorithm, given).items()]


def home(job: Job) -> str:
    """Return the folder of the data's folders, with a slash at its end."""
    return f"{(job.data or f's3://{job.bucket}/data').rstrip('/')}/"


def channel(name: str, uri: Any) -> dict[str, Any]:
    """Return one channel of InputDataConfig; `uri` is text, or an expression of a pipeline's."""
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def resources(job: Job) -> dict[str, Any]:
    """Return ResourceConfig."""
    if job.count < 1:
        raise Refused("--count is at least 1")
    told = {"InstanceType": job.instance, "InstanceCount": job.count, "VolumeSizeInGB": job.volume_gb}
    return {**told, **({"VolumeKmsKeyId": job.kms_key} if job.kms_key else {})}


def output(job: Job, *, folder: str = "models") -> dict[str, Any]:
    """Return OutputDataConfig; `folder` of the bucket gets a folder for each job."""
    where = {"S3OutputPath": f"s3://{job.bucket}/{folder}"}
    return {**where, **({"KmsKeyId": job.kms_key} if job.kms_key else {})}


def manners(job: Job, *, checkpoints: str) -> dict[str, Any]:
    """Return how the job runs: time, spot with checkpoints, network. `checkpoints` is their folder in the bucket."""
    seconds = round(job.max_hours * 3600)
    if seconds < 60:
        raise Refused("--max-hours is too short: a machine alone takes minutes to start")
    told: dict[str, Any] = {"EnableNetworkIsolation": job.isolated, "EnableManagedSpotTraining": job.spot}
    told["StoppingCondition"] = {"MaxRuntimeInSeconds": seconds}
    if job.spot:
        told["StoppingCondition"]["MaxWaitTimeInSeconds"] = 2 * seconds
        told["CheckpointConfig"] = {"S3Uri": f"s3://{job.bucket}/{checkpoints}"}
    return {**told, **vpc(job.subnet, job.security_group)}


def vpc(subnets: Sequence[str], security_groups: Sequence[str]) -> dict[str, Any]:
    """Return VpcConfig, nothing where there is none. Raises Refused for the one without the other."""
    if bool(subnets) != bool(security_groups):
        raise Refused("--subnet and --security-group go together")
    told = {"Subnets": list(subnets), "SecurityGroupIds": list(security_groups)}
    return {"VpcConfig": told} if subnets else {}


def share(value: float, *, flag: str) -> float:
    """Return a share. Raises Refused for one that is not between 0 and 1."""
    if not 0 < value < 1:
        raise Refused(f"{flag} is a share between 0 and 1, such as 0.1 for a tenth")
    return value


def hyperparameters(job: Job) -> dict[str, str]:
    """Return HyperParameters."""
    return specification.hyperparameters(job.algorithm, job.settings or {})
