"""Autoscaling of an endpoint: as many machines as the requests ask for."""

from dataclasses import replace
from typing import Any

from .plan import MISSING, Ask, Call
from .refusals import Refused

DIMENSION = "sagemaker:variant:DesiredInstanceCount"
PER_INSTANCE = "SageMakerVariantInvocationsPerInstance"
IN_S, OUT_S = 300, 60  # seconds of rest after machines went, and after they came
QUEUED = 5  # requests that wait, a machine


def scaling(endpoint: str, variant: str, between: tuple[int, int], per_minute: int, *, queue: bool) -> tuple[Ask, Call]:
    """Return what scales `between` a least and a most, by invocations a minute, or by those that wait in a queue."""
    least, most = between
    if most < least:
        raise Refused("--most is smaller than --count: machines are added up to --most")
    if per_minute < 1:
        raise Refused("--per-minute is at least 1")
    place = {
        "ServiceNamespace": "sagemaker", "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": DIMENSION
    }  # fmt: skip
    gone = Call(
        service="application-autoscaling", operation="DeregisterScalableTarget", parameters=place, accept=MISSING,
        why="end autoscaling",
    )  # fmt: skip
    register = Call(
        service="application-autoscaling", operation="RegisterScalableTarget",
        why=f"scale between {least} and {most} machines",
        parameters={**place, "MinCapacity": least, "MaxCapacity": most},
    )  # fmt: skip
    there = Call(
        service="application-autoscaling", operation="DescribeScalableTargets", why="look whether it scales already",
        parameters={
            "ServiceNamespace": "sagemaker", "ResourceIds": [place["ResourceId"]], "ScalableDimension": DIMENSION,
        },
    )  # fmt: skip
    ours = replace(register, made=f"autoscaling of {endpoint}", undo=(gone,))
    scaled = Ask(
        probe=there,
        path="ScalableTargets.0.ResourceId",
        states=(place["ResourceId"],),
        found=(register,),
        missing=(ours,),
    )
    follow = Call(
        service="application-autoscaling", operation="PutScalingPolicy", why="follow the requests",
        parameters={
            **place, "PolicyName": f"{endpoint}-requests", "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                **(_waiting(endpoint) if queue else _invocations(per_minute)),
                "ScaleInCooldown": IN_S, "ScaleOutCooldown": OUT_S,
            },
        },
    )  # fmt: skip
    return scaled, follow


def _invocations(per_minute: int) -> dict[str, Any]:
    return {"TargetValue": float(per_minute), "PredefinedMetricSpecification": {"PredefinedMetricType": PER_INSTANCE}}


def _waiting(endpoint: str) -> dict[str, Any]:
    metric = {
        "MetricName": "ApproximateBacklogSizePerInstance", "Namespace": "AWS/SageMaker", "Statistic": "Average",
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}],
    }  # fmt: skip
    return {"TargetValue": float(QUEUED), "CustomizedMetricSpecification": metric}
