"""SageMaker's local mode, which besides reads manifests, and divides sharded channels over its hosts.

The SDK's own brings of a manifest only the manifest, and refuses ShardedByS3Key, the default of `record_set`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError
from sagemaker.local import local_session
from sagemaker.local.entities import _LocalTrainingJob
from sagemaker.local.image import _SageMakerContainer, _Volume
from sagemaker.utils import get_config_value

from kindred.errors import UserError
from kindred.sdk import objects
from kindred.sdk.objects import Object

MANIFEST, SHARDED = "ManifestFile", "ShardedByS3Key"


class LocalSession(local_session.LocalSession):
    """The SDK's `LocalSession`, whose training jobs read manifests and sharded channels as SageMaker's do."""

    def _initialize(self, *others: Any, **named: Any) -> None:
        super()._initialize(*others, **named)
        self.sagemaker_client = _Client(self)


class _Client(local_session.LocalSagemakerClient):
    def create_training_job(
        self,
        TrainingJobName: str,
        AlgorithmSpecification: Mapping[str, Any],
        OutputDataConfig: Mapping[str, Any],
        ResourceConfig: Mapping[str, Any],
        InputDataConfig: Sequence[Mapping[str, Any]] | None = None,
        Environment: Mapping[str, str] | None = None,
        **named: Any,
    ) -> None:
        """As the SDK's, which it leaves a job to that has no channel of ours."""
        ours = [channel for channel in InputDataConfig or () if _beyond_the_sdk(channel)]
        if not ours:
            super().create_training_job(
                TrainingJobName, AlgorithmSpecification, OutputDataConfig, ResourceConfig, InputDataConfig,
                Environment, **named,
            )  # fmt: skip
            return
        root = get_config_value("local.container_root", self.sagemaker_session.config)
        with TemporaryDirectory(dir=root, ignore_cleanup_errors=True) as folder:
            container = _Container(
                ResourceConfig["InstanceType"],
                ResourceConfig["InstanceCount"],
                AlgorithmSpecification["TrainingImage"],
                sagemaker_session=self.sagemaker_session,
                container_entrypoint=AlgorithmSpecification.get("ContainerEntrypoint"),
                container_arguments=AlgorithmSpecification.get("ContainerArguments"),
            )
            container.take(ours, folder=Path(folder).resolve())
            job = _LocalTrainingJob(container)
            theirs = [channel for channel in InputDataConfig or () if channel not in ours]
            job.start(theirs, OutputDataConfig, named.get("HyperParameters", {}), Environment or {}, TrainingJobName)
        local_session.LocalSagemakerClient._training_jobs[TrainingJobName] = job


class _Container(_SageMakerContainer):
    """The hosts of a training job that has channels of ours, beside those of the SDK."""

    _channels: Sequence[Mapping[str, Any]] = ()
    _folders: Mapping[tuple[str, str], Path] = MappingProxyType({})
    """By channel and host."""

    def take(self, channels: Sequence[Mapping[str, Any]], *, folder: Path) -> None:
        """Bring the objects of the channels below `folder`, as SageMaker lays them out. Raises UserError."""
        s3 = self.sagemaker_session.s3_client
        folders: dict[tuple[str, str], Path] = {}
        for channel in channels:
            name, source = channel["ChannelName"], channel["DataSource"]["S3DataSource"]
            sharers = self.hosts if _sharded(channel) else ["all"]
            for sharer, share in objects.divided(_found(s3, source), hosts=sharers).items():
                _bring(s3, share, folder / name / sharer)
            folders |= {(name, host): folder / name / (host if host in sharers else "all") for host in self.hosts}
        self._channels, self._folders = channels, folders

    def _prepare_training_volumes(self, data_dir: str, *others: Any) -> Any:
        volumes = super()._prepare_training_volumes(data_dir, *others)
        for channel in self._channels:  # where it is mounted, of this user: Docker would make it root's
            Path(data_dir, channel["ChannelName"]).mkdir()
        return volumes

    def write_config_files(self, host: str, hyperparameters: Any, input_data_config: Any) -> None:
        super().write_config_files(host, hyperparameters, [*input_data_config, *self._channels])
        file = Path(self.container_root, host, "input", "config", "inputdataconfig.json")
        told = json.loads(file.read_text())
        for channel in self._channels:
            kind = channel["DataSource"]["S3DataSource"].get("S3DataDistributionType", "FullyReplicated")
            told[channel["ChannelName"]] |= {"S3DistributionType": kind, "RecordWrapperType": "None"}
        file.write_text(json.dumps(told))

    def _create_docker_host(self, host: str, environment: Any, optml_subdirs: Any, command: str, volumes: Any) -> Any:
        own = [_Volume(str(folder), channel=name) for (name, of), folder in self._folders.items() if of == host]
        return super()._create_docker_host(host, environment, optml_subdirs, command, [*volumes, *own])


def _beyond_the_sdk(channel: Mapping[str, Any]) -> bool:
    source = channel["DataSource"].get("S3DataSource")
    return source is not None and (source.get("S3DataType") == MANIFEST or _sharded(channel))


def _sharded(channel: Mapping[str, Any]) -> bool:
    return bool(channel["DataSource"]["S3DataSource"].get("S3DataDistributionType") == SHARDED)


def _found(s3: Any, source: Mapping[str, Any]) -> tuple[Object, ...]:
    """The objects of a data source. Raises UserError where there are none."""
    uri = source["S3Uri"]
    bucket, key = objects.address(uri)
    try:
        if source.get("S3DataType") == MANIFEST:
            found = objects.of_manifest(s3.get_object(Bucket=bucket, Key=key)["Body"].read(), at=uri)
        else:
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
            found = objects.of_prefix(bucket, key, [each["Key"] for page in pages for each in page.get("Contents", ())])
    except ClientError as error:
        raise UserError(f"S3 refused it: {error}", at=uri) from error
    if not found:
        raise UserError("no object is there", at=uri)
    return found


def _bring(s3: Any, share: Sequence[Object], folder: Path) -> None:
    """Download the objects into the folder, which is made in any case. Raises UserError for one that is not there."""
    folder.mkdir(parents=True)
    for each in share:
        place = folder / each.name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            s3.download_file(each.bucket, each.key, str(place))
        except ClientError as error:
            raise UserError(f"S3 refused it: {error}", at=f"s3://{each.bucket}/{each.key}") from error
