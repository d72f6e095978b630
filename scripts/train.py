"""train: a managed training job, on spot machines with checkpoints unless told otherwise."""

from typing import Annotated

from typer import Option

from .aws import defaults, flags, jobs, links, naming, undoing
from .aws.plan import Call, Cost, Plan, Wait


def plan(
    *,
    name: Annotated[str, Option(help="the job")] = defaults.JOB,
    algorithm: flags.Algorithm = "recommender",
    image: flags.Image = defaults.IMAGE,
    role: flags.Role = defaults.ROLE,
    bucket: flags.Bucket = defaults.BUCKET,
    data: flags.Data = "",
    channel: flags.Channels = None,
    settings: flags.Settings = None,
    instance: flags.Instance = defaults.INSTANCE,
    count: flags.Count = 1,
    volume_gb: flags.VolumeGb = 30,
    max_hours: flags.MaxHours = 4,
    spot: flags.Spot = True,
    isolated: flags.Isolated = False,
    subnet: flags.Subnets = None,
    security_group: flags.SecurityGroups = None,
    kms_key: flags.KmsKey = "",
    resume: Annotated[str, Option(help="go on from the checkpoints of this earlier job")] = "",
    wait: flags.Wait = True,
) -> Plan:
    """Train a model: a line for every metric while it runs."""
    job = jobs.Job(
        algorithm=algorithm, image=image, role=role, bucket=naming.bucket(bucket), data=data, channel=channel or (),
        settings=dict(map(naming.pair, settings or ())), instance=instance, count=count, volume_gb=volume_gb,
        max_hours=max_hours, spot=spot, isolated=isolated, subnet=subnet or (), security_group=security_group or (),
        kms_key=kms_key,
    )  # fmt: skip
    started = create(job, naming.sagemaker(name), checkpoints=resume or name)
    return Plan(
        title=f"train {algorithm} as {name}",
        effects=(started, watch(name)) if wait else (started,),
        links=(links.sagemaker(f"jobs/{name}"),),
        then=f"kindred-aws deploy --job {name}",
    )


def create(job: jobs.Job, name: str, *, checkpoints: str) -> Call:
    """Return the call that starts the job; `checkpoints` is the job whose folder of them it uses."""
    return Call(
        service="sagemaker", operation="CreateTrainingJob", why=f"start the training job {name}",
        made=f"training job {name}", cost=Cost(instance=job.instance, count=job.count, spot=job.spot),
        undo=(
            *undoing.job("Training", name),
            undoing.objects(job.bucket, f"models/{name}/"),
            undoing.objects(job.bucket, f"checkpoints/{name}/"),
        ),
        parameters={
            "TrainingJobName": name, "RoleArn": job.role, "AlgorithmSpecification": jobs.algorithm_specification(job),
            "HyperParameters": jobs.hyperparameters(job), "InputDataConfig": jobs.inputs(job),
            "OutputDataConfig": jobs.output(job), "ResourceConfig": jobs.resources(job), "Tags": defaults.TAGS,
            **jobs.manners(job, checkpoints=f"checkpoints/{checkpoints}/"),
        },
    )  # fmt: skip


def watch(name: str) -> Wait:
    """Return what waits for the job's end."""
    return Wait(
        probe=Call(
            service="sagemaker", operation="DescribeTrainingJob", parameters={"TrainingJobName": name},
            why=f"look at {name}", name="job",
        ),
        path="TrainingJobStatus", good=("Completed",), bad=("Failed", "Stopped"),
    )  # fmt: skip
