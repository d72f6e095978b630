"""A training job as its author describes it: hyperparameters, channels, hosts, and what else SageMaker is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel: the objects below its S3 prefix, by their keys, and how the job wants them.

    Args:
        objects: Key below the prefix, such as `2026/part-0.csv`, to content.
        input_mode: `FastFile` lies in files too, and SageMaker says `File` of it; `Pipe` comes through FIFOs.
        distribution: `ShardedByS3Key` gives each host its share of the objects, perhaps none.
        compression: `Gzip` objects are unpacked on their way through a pipe, and nowhere else.
        wrapper: `RecordIO` wraps each object in one record; in pipes alone.
        shuffle_seed: The order of the objects differs from epoch to epoch of a pipe.
        groups: The instance groups that get the channel; all of them where it is empty.
    """

    objects: Mapping[str, bytes] = field(default_factory=dict)
    content_type: str | None = None
    input_mode: Literal["File", "FastFile", "Pipe"] = "File"
    distribution: Literal["FullyReplicated", "ShardedByS3Key"] = "FullyReplicated"
    compression: Literal["None", "Gzip"] = "None"
    wrapper: Literal["None", "RecordIO"] = "None"
    shuffle_seed: int | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """An instance group of a cluster of several kinds of machines."""

    name: str
    hosts: tuple[str, ...]
    instance_type: str = "ml.m5.large"


@dataclass(frozen=True, kw_only=True)
class Job:
    """A training job; every host of it is laid out from the same value.

    Args:
        hyperparameters: Written as strings, as SageMaker does, whatever they are here.
        hosts: Names that the hosts find each other by; for processes of one machine see `of_one_machine`.
        groups: The instance groups; none of them for an ordinary cluster.
        checkpoints: The S3 URI of the checkpoints; without one there is no such folder.
        metrics: Name to regular expression.
        environment: Variables that the job's author adds.
        files: More files for `input/config`, name to a value that JSON can say; None takes a usual one away.
    """

    name: str = "a-job"
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    hosts: tuple[str, ...] = ("algo-1",)
    groups: tuple[Group, ...] = ()
    instance_type: str = "ml.m5.large"
    network_interface: str = "eth0"
    region: str = "us-east-1"
    checkpoints: str | None = None
    metrics: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Any] = field(default_factory=dict)

    def group_of(self, host: str) -> Group | None:
        """Return the group that `host` belongs to, None in an ordinary cluster."""
        return next((group for group in self.groups if host in group.hosts), None)

    def channels_of(self, host: str) -> Mapping[str, Channel]:
        """Return the channels that `host` gets: some belong to other instance groups."""
        return {name: channel for name, channel in self.channels.items() if self._gets(host, channel)}

    def objects_of(self, host: str, channel: Channel) -> Mapping[str, bytes]:
        """Return the objects that `host` gets: all of them, or every n-th of a sharded channel, in order of keys."""
        keys = sorted(channel.objects)
        if channel.distribution == "ShardedByS3Key":
            sharers = sorted(each for each in self.hosts if self._gets(each, channel))
            keys = keys[sharers.index(host) :: len(sharers)]
        return {key: channel.objects[key] for key in keys}

    def _gets(self, host: str, channel: Channel) -> bool:
        group = self.group_of(host)
        return not channel.groups or group is None or group.name in channel.groups
