"""What SageMaker is told of an algorithm: documents of its API, read off the algorithm's own tables (section F)."""

import inspect
import json
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from kindred.contract.negotiation import ASKED, FAMILIES, MATRICES, Family
from kindred.contract.port import Algorithm, ChannelSpec, Hyperparameter, MatrixPredictor, Metric, Value
from kindred.contract.training.job import CHOICE

Document = dict[str, Any]

INSTANCES: Mapping[str, Sequence[str]] = {
    "m5": ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge"),
    "c5": ("xlarge", "2xlarge", "4xlarge", "9xlarge", "18xlarge"),
    **dict.fromkeys(
        ("m6i", "c6i", "r6i", "m7i", "c7i", "r7i"),
        ("xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"),
    ),
}
"""The x86 machines without accelerators that SageMaker trains, serves and transforms on alike: family, sizes."""

# What stands for "no bound", as a Range needs both of them: the largest int32, and a number beyond any sense.
_NUMBERS: Mapping[str, tuple[type, Any, float]] = {
    "Integer": (int, operator.floordiv, 2**31 - 1),
    "Continuous": (float, operator.truediv, 1e12),
}


def create_algorithm(algorithm: Algorithm, *, image: str) -> Document:
    """Return the request of CreateAlgorithm (contract lines 86-91); `image` is the path in the registry.

    There is no ValidationSpecification: it names buckets and a role, which are the user's.
    """
    return {
        "AlgorithmName": f"kindred-{algorithm.name}".replace("_", "-"),
        "TrainingSpecification": {
            "TrainingImage": image,
            "SupportedHyperParameters": [_chosen(algorithm), *map(_hyperparameter, algorithm.hyperparameters)],
            "SupportedTrainingInstanceTypes": _instance_types(),
            "SupportsDistributedTraining": algorithm.follow is not None,  # contract line 62
            "MetricDefinitions": metric_definitions(algorithm),
            "TrainingChannels": [_channel(spec) for spec in algorithm.channels],
            "SupportedTuningJobObjectiveMetrics": objectives(algorithm),
        },
        "InferenceSpecification": {
            "Containers": [{"Image": image}],
            "SupportedTransformInstanceTypes": _instance_types(),
            "SupportedRealtimeInferenceInstanceTypes": _instance_types(),
            "SupportedContentTypes": _spoken(algorithm, (*MATRICES, *ASKED)),
            "SupportedResponseMIMETypes": _spoken(algorithm, MATRICES),
        },
    }


def metric_definitions(algorithm: Algorithm) -> list[Document]:
    """Return MetricDefinitions, for `Estimator(metric_definitions=…)` as well (contract lines 75, 92)."""
    return [{"Name": metric.name, "Regex": metric.regex} for metric in algorithm.metrics]


def objectives(algorithm: Algorithm) -> list[Document]:
    """Return the HyperParameterTuningJobObjectives, one of which a tuning job names (contract line 81)."""
    return [_objective(metric) for metric in algorithm.metrics if metric.objective]


def tuner_ranges(algorithm: Algorithm) -> Document:
    """Return the ParameterRanges of a tuning job: where to look, numbers as strings (contract lines 81, 83)."""
    ranges: dict[str, list[Document]] = {
        f"{kind}ParameterRanges": [] for kind in ("Integer", "Continuous", "Categorical")
    }
    for row in algorithm.hyperparameters:
        if row.tunable and row.range is not None:
            ranges[f"{row.kind}ParameterRanges"].append({"Name": row.name, **_limits(row, row.range)})
    return ranges


def default_text(value: Value) -> str:
    """Return a default as a user types it: `true`, `0.5`, `kmeans++`, `["msd"]`."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def allowed(row: Hyperparameter) -> tuple[float, float] | tuple[str, ...] | None:
    """Return what SageMaker should let through, bounds included; None where a Range cannot say it.

    Of numbers it is what `parse` accepts, up to the largest int32 or 1e12: `range` is only where a tuner should look,
    and a job outside a Range is refused. Words such as `auto` beside the numbers have no place in a Range.
    """
    if row.kind not in _NUMBERS:
        return row.range if row.kind == "Categorical" else None
    number, halve, far = _NUMBERS[row.kind]
    start = next((number(each) for each in (*(row.range or ()), row.default, 1) if _accepts(row, each)), None)
    if start is None:
        return None
    return _edge(row, start, number(-far), halve=halve), _edge(row, start, number(far), halve=halve)


def _edge(row: Hyperparameter, inside: float, outside: float, *, halve: Any) -> float:
    """The last number that `row` accepts on the way from `inside`, which it does, to `outside`."""
    if _accepts(row, outside):
        return outside
    while (middle := halve(inside + outside, 2)) not in (inside, outside):
        inside, outside = (middle, outside) if _accepts(row, middle) else (inside, middle)
    return inside + 0  # -0.0 is 0


def _accepts(row: Hyperparameter, value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        row.parse(repr(value))
    except ValueError:
        return False
    return True


def _chosen(algorithm: Algorithm) -> Document:
    """An algorithm of SageMaker's is one of ours, whatever the channels look like."""
    return {
        "Name": CHOICE,
        "Description": "which of the image's algorithms this is",
        "Type": "Categorical",
        "Range": {"CategoricalParameterRangeSpecification": {"Values": [algorithm.name]}},
        "IsTunable": False,
        "IsRequired": False,
        "DefaultValue": algorithm.name,
    }


def _hyperparameter(row: Hyperparameter) -> Document:
    range_ = allowed(row)
    specified: Document = {
        "Name": row.name,
        "Description": row.description,
        "Type": row.kind,
        "IsTunable": row.tunable,
        "IsRequired": row.required,
    }
    if range_ is not None:
        specified["Range"] = {f"{row.kind}ParameterRangeSpecification": _limits(row, range_)}
    # A word such as `auto` is no Integer; training fills it in where the job says nothing.
    if row.default is not None and (row.kind not in _NUMBERS or _accepts(row, row.default)):
        specified["DefaultValue"] = default_text(row.default)
    return specified


def _limits(row: Hyperparameter, range_: Sequence[Any]) -> Document:
    if row.kind == "Categorical":
        return {"Values": list(range_)}
    number = _NUMBERS[row.kind][0]
    low, high = range_
    return {"MinValue": repr(number(low)), "MaxValue": repr(number(high))}


def _channel(spec: ChannelSpec) -> Document:
    return {
        "Name": spec.name,
        "Description": spec.description,
        "IsRequired": spec.required,
        "SupportedContentTypes": list(spec.content_types),
        # SageMaker decompresses in Pipe mode alone, and wants None said in the others (contract line 42).
        "SupportedCompressionTypes": ["None", "Gzip"] if "Pipe" in spec.input_modes else ["None"],
        "SupportedInputModes": list(spec.input_modes),
    }


def _objective(metric: Metric) -> Document:
    return {"Type": metric.direction, "MetricName": metric.name}


def _spoken(algorithm: Algorithm, vectors: Sequence[Family]) -> list[str]:
    """The content types of requests or answers; whether there are `vectors` among them, the type of `load` says."""
    predictor = inspect.signature(algorithm.load, eval_str=True).return_annotation
    taken = vectors if inspect.isclass(predictor) and issubclass(predictor, MatrixPredictor) else ()
    return [family.type for family in (*FAMILIES, *taken)]


def _instance_types() -> list[str]:
    return [f"ml.{family}.{size}" for family, sizes in INSTANCES.items() for size in sizes]
