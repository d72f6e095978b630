"""What the image says of its algorithms (`kindred spec`), as requests take it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from .refusals import Refused


@cache
def algorithms() -> Mapping[str, Any]:
    """Return the algorithms of the image by name. Raises Refused where the package `kindred` is not installed."""
    try:
        from kindred.algorithms import ALGORITHMS
    except ImportError as error:
        raise Refused(
            f"the package kindred is not installed beside kindred-aws ({error}); run 'make operator'"
        ) from error
    return {algorithm.name: algorithm for algorithm in ALGORITHMS}


def named(name: str) -> Any:
    """Return one algorithm. Raises Refused with those there are."""
    if name not in algorithms():
        raise Refused(f"the image has no algorithm '{name}' (valid: {', '.join(algorithms())})")
    return algorithms()[name]


def hyperparameters(name: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the hyperparameters of a job, each checked by the table that the container checks it with."""
    rows = {row.name: row for row in named(name).hyperparameters}
    for key, value in settings.items():
        if key not in rows:
            raise Refused(f"{name} has no hyperparameter '{key}' (valid: {', '.join(rows)})")
        try:
            rows[key].parse(value)
        except ValueError as error:
            raise Refused(f"the hyperparameter {key} cannot be '{value}': {error}") from error
    missing = [row.name for row in rows.values() if row.required and row.name not in settings]
    if missing:
        raise Refused(f"{name} needs {' and '.join(missing)}: --set {missing[0]}=VALUE")
    return {"algorithm": name, **settings}


def channels(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the channels of a job. Raises Refused for one that the algorithm does not read."""
    known = {each for spec in named(name).channels for each in (spec.name, *spec.aliases)}
    for channel in given:
        if channel not in known:
            raise Refused(f"{name} reads no channel '{channel}' (valid: {', '.join(sorted(known))})")
    return dict(given)


def evaluates(name: str) -> bool:
    """Tell whether the image has commands that divide the algorithm's data and evaluate its models."""
    return {"divide", "evaluate"} <= {command.name for command in named(name).commands}


def metric_definitions(name: str) -> list[dict[str, Any]]:
    """Return the MetricDefinitions of an algorithm."""
    from kindred.contract import specification

    return specification.metric_definitions(named(name))


def tuning(name: str, objective: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the objective and the ranges of a tuning job. Raises Refused for an objective that there is not."""
    from kindred.contract import specification

    found = {each["MetricName"]: each for each in specification.objectives(named(name))}
    chosen = objective or next(iter(found))
    if chosen not in found:
        raise Refused(f"{name} has no objective '{chosen}' (valid: {', '.join(found)})")
    return found[chosen], specification.tuner_ranges(named(name))


def inference(name: str, *, image: str, model_data: str) -> dict[str, Any]:
    """Return the InferenceSpecification of a model package."""
    from kindred.contract import specification

    told: dict[str, Any] = specification.create_algorithm(named(name), image=image)["InferenceSpecification"]
    return {**told, "Containers": [{"Image": image, "ModelDataUrl": model_data}]}
