"""The files that SageMaker writes into `input/config` before it starts a container, as values.

Hyperparameters, channels, resources and checkpoints are documented. The others are seen in jobs and read by AWS's own
toolkits; their content is not promised, and what counts is that a program bears with them.
"""

from collections.abc import Mapping
from typing import Any

from kindred.testing.job import Channel, Job


def files(job: Job, *, host: str, inside: str) -> Mapping[str, Any]:
    """Return name → content of the files for `host`; `inside` is what the program takes for /opt/ml.

    >>> sorted(files(Job(), host="algo-1", inside="/opt/ml"))[:3]
    ['debughookconfig.json', 'hyperparameters.json', 'init-config.json']
    """
    channels = {name: _channel(channel) for name, channel in job.channels_of(host).items()}
    written = {
        "hyperparameters.json": {name: str(value) for name, value in job.hyperparameters.items()},
        "inputdataconfig.json": channels,
        "resourceconfig.json": _resources(job, host),
        "metric-definition-regex.json": [{"Name": name, "Regex": regex} for name, regex in job.metrics.items()],
        "init-config.json": {"trainingJobName": job.name, "inputMode": "File", "channels": sorted(channels)},
        "trainingjobconfig.json": {"TrainingJobName": job.name, "RoleArn": "arn:aws:iam::111122223333:role/any"},
        "upstreamoutputdataconfig.json": [],
        "profilerconfig.json": {"S3OutputPath": "s3://a-bucket/", "ProfilingIntervalInMilliseconds": 500},
        "debughookconfig.json": {"S3OutputPath": "s3://a-bucket/", "LocalPath": f"{inside}/output/tensors"},
    }
    if job.checkpoints is not None:
        written["checkpointconfig.json"] = {"S3Uri": job.checkpoints, "LocalPath": f"{inside}/checkpoints"}
    return {name: value for name, value in {**written, **job.files}.items() if value is not None}


def environment(job: Job) -> dict[str, str]:
    """Return the variables that SageMaker sets for the container.

    >>> environment(Job(name="forest", environment={"DEPTH": "3"}))["TRAINING_JOB_NAME"]
    'forest'
    """
    return {
        "TRAINING_JOB_NAME": job.name,
        "TRAINING_JOB_ARN": f"arn:aws:sagemaker:{job.region}:111122223333:training-job/{job.name}",
        "AWS_REGION": job.region,
        "AWS_DEFAULT_REGION": job.region,
        **job.environment,
    }


def _channel(channel: Channel) -> Mapping[str, str]:
    """FastFile is called File in here since 2025."""
    said = {
        "TrainingInputMode": "Pipe" if channel.input_mode == "Pipe" else "File",
        "S3DistributionType": channel.distribution,
        "RecordWrapperType": channel.wrapper,
    }
    return said if channel.content_type is None else {"ContentType": channel.content_type, **said}


def _resources(job: Job, host: str) -> Mapping[str, Any]:
    group = job.group_of(host)
    alone = [
        {"instance_group_name": "homogeneousCluster", "instance_type": job.instance_type, "hosts": sorted(job.hosts)}
    ]
    several = [
        {"instance_group_name": each.name, "instance_type": each.instance_type, "hosts": sorted(each.hosts)}
        for each in job.groups
    ]
    return {
        "current_host": host,
        "current_instance_type": group.instance_type if group else job.instance_type,
        "current_group_name": group.name if group else "homogeneousCluster",
        "hosts": sorted(job.hosts),
        "instance_groups": several or alone,
        "network_interface_name": job.network_interface,
    }
