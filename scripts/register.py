"""register: a model package in the registry, to be approved by a person."""

from typing import Annotated

from typer import Option

from .aws import defaults, flags, links, models, naming, specification, undoing
from .aws.plan import Ask, Call, Plan, once


def plan(
    *,
    group: Annotated[str, Option(help="the model package group")] = "kindred",
    job: flags.FromJob = "",
    model_data: flags.ModelData = "",
    algorithm: flags.Algorithm = "recommender",
    image: flags.Image = defaults.IMAGE,
    approve: Annotated[bool, Option("--approve", help="approved at once, not pending")] = False,
) -> Plan:
    """Put a model into the registry; it waits for approval unless told otherwise."""
    asked, data = models.source(job, model_data)
    spec = specification.inference(algorithm, image=image, model_data=data)
    return Plan(
        title=f"register a model in {group}",
        effects=(package_group(group), *asked, _package(group, spec, approve=approve)),
        links=(links.sagemaker(f"model-package-groups/{group}"),),
        then="kindred-aws deploy --package '${package.ModelPackageArn}'",
    )


def package_group(name: str) -> Ask:
    """Return what makes a group where there is none of this name."""
    there = Call(
        service="sagemaker", operation="DescribeModelPackageGroup", parameters={"ModelPackageGroupName": name},
        why=f"look for the group {name}",
    )  # fmt: skip
    make = Call(
        service="sagemaker", operation="CreateModelPackageGroup", why=f"make the group {name}",
        made=f"model package group {name}", undo=(undoing.delete("ModelPackageGroup", name),),
        parameters={
            "ModelPackageGroupName": naming.sagemaker(name), "ModelPackageGroupDescription": "Models of kindred",
            "Tags": defaults.TAGS,
        },
    )  # fmt: skip
    return once(there, make)


def _package(group: str, spec: dict[str, object], *, approve: bool) -> Call:
    # AWS numbers the packages of a group, and tells the number only afterwards: ours is known again by what it says.
    said = "kindred ${now}"
    return Call(
        service="sagemaker", operation="CreateModelPackage", why=f"register the model in {group}", name="package",
        made=f"model package '{said}' in {group}", undo=(undoing.packages(group, said),),
        parameters={
            "ModelPackageGroupName": group, "ModelPackageDescription": said, "InferenceSpecification": spec,
            "ModelApprovalStatus": "Approved" if approve else "PendingManualApproval",
        },
    )  # fmt: skip
