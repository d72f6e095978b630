"""What the job asks for: which algorithm, with which of its channels, and its hyperparameters as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kindred.contract import hyperparameters
from kindred.contract.port import Algorithm, Channel, ChannelSpec, Value
from kindred.contract.training.inputs import Inputs
from kindred.errors import UserError, nearest

CHOICE = "algorithm"
"""The hyperparameter that names the algorithm; it belongs to the door, not to any algorithm's table."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A job understood: channels go by the names of the algorithm's table, every hyperparameter has its value.

    `strange` are the names of channels that the algorithm does not know.
    """

    algorithm: Algorithm
    hyperparameters: Mapping[str, Value]
    channels: Mapping[str, Channel]
    strange: tuple[str, ...]


def understand(inputs: Inputs, *, algorithms: Sequence[Algorithm], algorithm: Algorithm | None = None) -> Order:
    """Return what `inputs` ask for, of `algorithm` where that is known, else of the `claimant`.

    Raises UserError where no algorithm, channel or hyperparameter fits.
    """
    algorithm = algorithm or claimant(inputs, algorithms)
    if algorithm is None:
        raise UserError(_unclaimed(inputs.channels, algorithms))
    given = {name: value for name, value in inputs.hyperparameters.items() if name != CHOICE}
    channels, strange = _named(inputs.channels, algorithm)
    return Order(
        algorithm=algorithm,
        hyperparameters=hyperparameters.typed(
            given, table=algorithm.hyperparameters, owner=algorithm.name, beside=(CHOICE,)
        ),
        channels=channels,
        strange=strange,
    )


def shards(inputs: Inputs) -> tuple[str, ...]:
    """Return the names of the channels that are spread over several hosts, each of which has a part (line 46)."""
    return tuple(name for name, channel in inputs.channels.items() if channel.sharded and len(inputs.hosts) > 1)


def refuse_shards(inputs: Inputs, algorithm: Algorithm) -> None:
    """Raise UserError if the data is sharded over hosts, and one of them trains: it would see a part (line 62)."""
    sharded = shards(inputs)
    if sharded and algorithm.follow is None:
        raise UserError(
            f"the data of {_several('the channel', sharded)} is sharded over {len(inputs.hosts)} hosts, but one host "
            "trains; set S3DistributionType to FullyReplicated, or the instance count to 1"
        )


def claimant(inputs: Inputs, algorithms: Sequence[Algorithm]) -> Algorithm | None:
    """Return the algorithm that `inputs` name, or one that claims their channels, or None where there is none.

    Of several that claim them, the first is meant whose table the names of hyperparameters fit. Raises UserError for a
    name that no algorithm has.
    """
    by_name = {algorithm.name: algorithm for algorithm in algorithms}
    if CHOICE in inputs.hyperparameters:
        name = hyperparameters.decoded(inputs.hyperparameters[CHOICE])
        if name.lower() not in by_name:
            raise UserError(f"there is no algorithm '{hyperparameters.short(name)}'{nearest(name, by_name)}")
        return by_name[name.lower()]
    claimants: list[Algorithm] = []
    for algorithm in algorithms:
        if not _claims(algorithm, inputs.channels, asked_before=claimants):
            continue
        if _fits(algorithm, inputs.hyperparameters):
            return algorithm
        claimants.append(algorithm)
    if claimants:
        return claimants[0]
    return None


def _claims(algorithm: Algorithm, channels: Mapping[str, Channel], *, asked_before: Sequence[Algorithm]) -> bool:
    """Whether it claims the channels; what it cannot make of them is no error where somebody else can."""
    try:
        return algorithm.claims(channels)
    except UserError:
        if not asked_before:
            raise
        return False


def _fits(algorithm: Algorithm, given: Mapping[str, Any]) -> bool:
    """Whether its table holds every name that is given, and none that it requires is missing; values do not matter."""
    names = [replace(row, parse=str) for row in algorithm.hyperparameters]
    try:
        hyperparameters.typed(given, table=names, owner=algorithm.name)
    except UserError:
        return False
    return True


def _named(given: Mapping[str, Channel], algorithm: Algorithm) -> tuple[Mapping[str, Channel], tuple[str, ...]]:
    canonical = {name.lower(): spec for spec in algorithm.channels for name in (spec.name, *spec.aliases)}
    known: dict[str, Channel] = {}
    for name, channel in given.items():
        spec = canonical.get(name.lower())
        if spec is None:
            continue
        if spec.name in known:
            raise UserError(f"two channels mean '{spec.name}', one of them called '{name}'; bring only one")
        known[spec.name] = replace(_readable(channel, spec, algorithm), name=spec.name)
    missing = [spec.name for spec in algorithm.channels if spec.required and spec.name not in known]
    if missing or not known:
        raise UserError(_lacking(given, algorithm, missing))
    return known, tuple(name for name in given if name.lower() not in canonical)


def _readable(channel: Channel, spec: ChannelSpec, algorithm: Algorithm) -> Channel:
    if channel.input_mode not in spec.input_modes:
        raise UserError(
            f"the channel '{channel.name}' comes in {channel.input_mode} mode, which {algorithm.name} does not read; "
            f"set its input mode to {' or '.join(spec.input_modes)}"
        )
    return channel


def _unclaimed(given: Mapping[str, Channel], algorithms: Sequence[Algorithm]) -> str:
    readers = "; ".join(f"{algorithm.name} reads {_reads(algorithm)}" for algorithm in algorithms)
    return f"{_brought(given)}, which no algorithm claims: {readers}"


def _lacking(given: Mapping[str, Channel], algorithm: Algorithm, missing: Sequence[str]) -> str:
    needs = f"{algorithm.name} needs {_several('the channel', missing)}; it" if missing else algorithm.name
    return f"{_brought(given)}, but {needs} reads {_reads(algorithm)}"


def _brought(given: Mapping[str, Channel]) -> str:
    return f"the job brings {_several('the channel', list(given))}" if given else "the job brings no channel"


def _reads(algorithm: Algorithm) -> str:
    return ", ".join(_spelled(spec) for spec in algorithm.channels)


def _spelled(spec: ChannelSpec) -> str:
    also = " or ".join(f"'{name}'" for name in spec.aliases)
    return f"'{spec.name}' (or {also})" if also else f"'{spec.name}'"


def _several(noun: str, names: Sequence[str]) -> str:
    quoted = ", ".join(f"'{name}'" for name in names)
    return f"{noun}s {quoted}" if len(names) > 1 else f"{noun} {quoted}"
