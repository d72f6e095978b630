"""tune: several training jobs that look for better hyperparameters."""

from dataclasses import replace
from typing import Annotated

from typer import Option

from .aws import defaults, flags, jobs, links, naming, specification, undoing
from .aws.plan import Call, Cost, Plan, Wait
from .aws.refusals import Refused

MOST_NAMED = 32
FOLLOW = "aws sagemaker describe-hyper-parameter-tuning-job --hyper-parameter-tuning-job-name"


def plan(
    *,
    name: Annotated[str, Option(help="the tuning job")] = "kindred-${now}",
    objective: Annotated[str, Option(help="the metric to better; the algorithm's first where none is named")] = "",
    most_jobs: Annotated[int, Option(help="how many jobs in all")] = 12,
    parallel: Annotated[int, Option(help="how many at once")] = 2,
    algorithm: flags.Algorithm = "recommender",
    image: flags.Image = defaults.IMAGE,
    role: flags.Role = defaults.ROLE,
    bucket: flags.Bucket = defaults.BUCKET,
    data: flags.Data = "",
    channel: flags.Channels = None,
    settings: flags.Settings = None,
    instance: flags.Instance = defaults.INSTANCE,
    max_hours: flags.MaxHours = 4,
    spot: flags.Spot = True,
    wait: flags.Wait = True,
) -> Plan:
    """Look for better hyperparameters; where to look is the algorithm's own table."""
    if not 1 <= parallel <= most_jobs:
        raise Refused("--parallel is between 1 and --most-jobs")
    job = jobs.Job(
        algorithm=algorithm, image=image, role=role, bucket=naming.bucket(bucket), data=data, channel=channel or (),
        settings=dict(map(naming.pair, settings or ())), instance=instance, max_hours=max_hours, spot=spot,
    )  # fmt: skip
    started = _create(job, naming.sagemaker(name, most=MOST_NAMED), objective, (most_jobs, parallel))
    return Plan(
        title=f"tune {algorithm} as {name}",
        effects=(started, _watch(name)) if wait else (started,),
        links=(links.sagemaker(f"hyper-tuning-jobs/{name}"),),
        then="kindred-aws deploy --job '${tuning.BestTrainingJob.TrainingJobName}'" if wait else f"{FOLLOW} {name}",
    )


def _create(job: jobs.Job, name: str, objective: str, limits: tuple[int, int]) -> Call:
    aim, ranges = specification.tuning(job.algorithm, objective or None)
    searched = {row["Name"] for rows in ranges.values() for row in rows}
    # A hyperparameter is either given or looked for; what is given is not looked for.
    given = jobs.hyperparameters(replace(job, settings={**_needed(job, searched), **(job.settings or {})}))
    ranges = {kind: [row for row in rows if row["Name"] not in (job.settings or {})] for kind, rows in ranges.items()}
    left = {row["Name"] for rows in ranges.values() for row in rows}
    return Call(
        service="sagemaker", operation="CreateHyperParameterTuningJob", why=f"start the tuning job {name}",
        made=f"tuning job {name}", cost=Cost(instance=job.instance, count=limits[1], spot=job.spot),
        undo=(*undoing.job("HyperParameterTuning", name), undoing.objects(job.bucket, f"{_home(name)}/")),
        parameters={
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": {
                "Strategy": "Bayesian", "HyperParameterTuningJobObjective": aim, "ParameterRanges": ranges,
                "ResourceLimits": {"MaxNumberOfTrainingJobs": limits[0], "MaxParallelTrainingJobs": limits[1]},
                "TrainingJobEarlyStoppingType": "Auto",
            },
            "TrainingJobDefinition": {
                "RoleArn": job.role, "AlgorithmSpecification": jobs.algorithm_specification(job),
                "StaticHyperParameters": {key: value for key, value in given.items() if key not in left},
                "InputDataConfig": jobs.inputs(job),
                "OutputDataConfig": jobs.output(job, folder=f"{_home(name)}/models"),
                "ResourceConfig": jobs.resources(job), **jobs.manners(job, checkpoints=f"{_home(name)}/checkpoints/"),
            },
            "Tags": defaults.TAGS,
        },
    )  # fmt: skip


def _home(name: str) -> str:
    """A folder of its own: the names of its training jobs only begin like its name, and so may those of others."""
    return f"tunings/{name}"


def _needed(job: jobs.Job, searched: set[str]) -> dict[str, str]:
    """Stand-ins for what the algorithm requires and the tuner will fill in, so that the rest can be checked."""
    rows = specification.named(job.algorithm).hyperparameters
    return {row.name: str(row.range[0]) for row in rows if row.required and row.name in searched and row.range}


def _watch(name: str) -> Wait:
    return Wait(
        probe=Call(
            service="sagemaker", operation="DescribeHyperParameterTuningJob", name="tuning", why=f"look at {name}",
            parameters={"HyperParameterTuningJobName": name},
        ),
        path="HyperParameterTuningJobStatus", good=("Completed",), bad=("Failed", "Stopped"), every_s=30,
    )  # fmt: skip
