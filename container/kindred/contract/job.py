"""What the job asks for: which algorithm, with which of its channels, and its hyperparameters as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kindred.contract import hyperparameters
from kindred.contract.inputs import Inputs
from kindred.contract.port import Algorithm, Channel, ChannelSpec, Value
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


def understand(inputs: Inputs, *, algorithms: Sequence[Algorithm]) -> Order:
    """Return what `inputs` ask for; raises UserError where no algorithm, channel or hyperparameter fits."""
    algorithm = _chosen(inputs, algorithms)
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


def refuse_shards(inputs: Inputs) -> None:
    """Raise UserError if the data is spread over several hosts: one host trains, and would see a part (line 62)."""
    sharded = [name for name, channel in inputs.channels.items() if channel.sharded]
    if sharded and len(inputs.hosts) > 1:
        raise UserError(
            f"the data of {_several('the channel', sharded)} is sharded over {len(inputs.hosts)} hosts, but one host "
            "trains; set S3DistributionType to FullyReplicated, or the instance count to 1"
        )


def _chosen(inputs: Inputs, algorithms: Sequence[Algorithm]) -> Algorithm:
    by_name = {algorithm.name: algorithm for algorithm in algorithms}
    if CHOICE in inputs.hyperparameters:
        name = hyperparameters.decoded(inputs.hyperparameters[CHOICE])
        if name.lower() not in by_name:
            raise UserError(f"there is no algorithm '{hyperparameters.short(name)}'{nearest(name, by_name)}")
        return by_name[name.lower()]
    for algorithm in algorithms:
        if algorithm.claims(inputs.channels):
            return algorithm
    raise UserError(_unclaimed(inputs.channels, algorithms))


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
