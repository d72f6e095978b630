"""What takes things away again, shared by the verbs that make them."""

from .plan import MISSING, Ask, Call, Each, Effect, Wait

ENDED = ("Completed", "Failed", "Stopped")
BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack")
TUNED = r"-\d{3}-\w+"
"""What SageMaker puts behind the name of a tuning job to name its training jobs."""


def objects(bucket: str, prefix: str = "") -> Each:
    """Return what deletes every version of every object below a prefix."""
    return Each(
        listing=Call(
            service="s3", operation="ListObjectVersions", parameters={"Bucket": bucket, "Prefix": prefix},
            why=f"list the versions in {bucket}",
        ),
        lists=("Versions", "DeleteMarkers"),
        keys=("Key", "VersionId"),
        call=Call(
            service="s3", operation="DeleteObjects",
            parameters={"Bucket": bucket, "Delete": {"Objects": "${items}", "Quiet": True}},
            why=f"delete them from {bucket}", accept=MISSING,
        ),
    )  # fmt: skip


def streams(group: str, name: str, *, job: str = "") -> Each:
    """Return what deletes the log streams of one job, which shares its group with others.

    `job` is a regular expression for what follows the name, where that is only the beginning of the names of several.
    """
    return Each(
        listing=Call(
            service="logs", operation="DescribeLogStreams", why=f"list the log streams of {name}",
            parameters={"logGroupName": group, "logStreamNamePrefix": f"{name}{'-' if job else '/'}"},
        ),
        lists=("logStreams",),
        where=("logStreamName", f"{name}{job}/.*"),
        call=Call(
            service="logs", operation="DeleteLogStream", why="delete a log stream", accept=MISSING,
            parameters={"logGroupName": group, "logStreamName": "${item.logStreamName}"},
        ),
    )  # fmt: skip


def delete(kind: str, name: str) -> Call:
    """Return what deletes a thing of SageMaker's by its name: `Model`, `EndpointConfig` and their like."""
    return Call(
        service="sagemaker", operation=f"Delete{kind}", parameters={f"{kind}Name": name},
        why=f"delete {name}", accept=MISSING,
    )  # fmt: skip


def job(kind: str, name: str) -> tuple[Effect, ...]:
    """Return what stops a job that still runs, and waits for its end; its logs go, its record costs nothing and stays.

    A record can only be deleted for training and tuning jobs, and is.
    """
    status = f"{kind}JobStatus"
    parameter = f"{kind}JobName"
    described = Call(
        service="sagemaker", operation=f"Describe{kind}Job", parameters={parameter: name}, why=f"look at {name}"
    )
    stop = Call(service="sagemaker", operation=f"Stop{kind}Job", parameters={parameter: name}, why=f"stop {name}")
    running = Ask(
        probe=described, path=status, states=("InProgress",),
        found=(stop, Wait(probe=described, path=status, good=(*ENDED, "gone"))),
    )  # fmt: skip
    deleted = (delete(f"{kind}Job", name),) if kind in ("Training", "HyperParameterTuning") else ()
    logs = {
        "Training": streams("/aws/sagemaker/TrainingJobs", name),
        "Transform": streams("/aws/sagemaker/TransformJobs", name),
        "HyperParameterTuning": streams("/aws/sagemaker/TrainingJobs", name, job=TUNED),
    }[kind]
    return (running, logs, *deleted)


def endpoint(name: str) -> tuple[Effect, ...]:
    """Return what deletes an endpoint and the log group that is its own, once it is gone."""
    look = Call(
        service="sagemaker", operation="DescribeEndpoint", parameters={"EndpointName": name}, why=f"look at {name}"
    )
    # SageMaker deletes no endpoint that it is busy with.
    rest = Wait(
        probe=look, path="EndpointStatus", good=("InService", "OutOfService", "Failed", "UpdateRollbackFailed", "gone")
    )
    gone = Wait(probe=look, path="EndpointStatus", good=("gone",))
    group = Call(
        service="logs", operation="DeleteLogGroup", parameters={"logGroupName": f"/aws/sagemaker/Endpoints/{name}"},
        why="delete its log group", accept=MISSING,
    )  # fmt: skip
    return (Ask(probe=look, path="EndpointStatus", states=BUSY, found=(rest,)), delete("Endpoint", name), gone, group)


def packages(group: str, described: str) -> Each:
    """Return what deletes the packages of a group that have this description."""
    return Each(
        listing=Call(
            service="sagemaker", operation="ListModelPackages", parameters={"ModelPackageGroupName": group},
            why=f"list the packages of {group}",
        ),
        lists=("ModelPackageSummaryList",),
        where=("ModelPackageDescription", described),
        call=Call(
            service="sagemaker", operation="DeleteModelPackage",
            parameters={"ModelPackageName": "${item.ModelPackageArn}"},
            why="delete the package", accept=MISSING,
        ),
    )  # fmt: skip
