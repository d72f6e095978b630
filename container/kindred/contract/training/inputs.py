"""The files in `input/config`, read with tolerance: each may be absent, each key in them too (contract lines 24-34)."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kindred.contract.paths import Paths
from kindred.contract.port import Channel
from kindred.contract.training import pipes
from kindred.errors import UserError

LONE_HOST = "localhost"
"""What the only host is called where no resourceconfig.json names it."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What SageMaker says of this job; hyperparameters as they are quoted, channels under the user's names.

    `hosts` is sorted and holds `host`; the first of them leads. `mixed`: they are of several instance groups, and a
    channel may be brought to some of them (contract line 50).
    """

    hyperparameters: Mapping[str, Any]
    channels: Mapping[str, Channel]
    host: str
    hosts: tuple[str, ...]
    mixed: bool
    checkpoints: Path | None


def read(paths: Paths, *, stop: threading.Event | None = None) -> Inputs:
    """Return what the configuration files say; nobody waits for a pipe any more once `stop` is set.

    Raises UserError, its `at` the file (with its line), for one that is not a JSON object, or the folder of a channel
    that is not there.
    """
    files = _files(paths.config)
    resources = _json_object(files.get("resourceconfig.json"))
    host, hosts = _hosts(resources)
    return Inputs(
        hyperparameters=_json_object(files.get("hyperparameters.json")),
        channels=_channels(
            _json_object(files.get("inputdataconfig.json")), data=paths.data, parted=len(hosts) > 1, stop=stop
        ),
        host=host,
        hosts=hosts,
        mixed=_mixed(resources),
        checkpoints=_checkpoints(_json_object(files.get("checkpointconfig.json")), usual=paths.checkpoints),
    )


def _files(folder: Path) -> Mapping[str, Path]:
    """By name in lower case: the tree that most samples copy has a `resourceConfig.json` (line 188)."""
    return {file.name.lower(): file for file in folder.iterdir()} if folder.is_dir() else {}


def _json_object(file: Path | None) -> Mapping[str, Any]:
    if file is None:
        return {}
    try:
        found = json.loads(file.read_bytes().decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise UserError(f"this is not JSON: {error.msg}", at=f"{file}:{error.lineno}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise UserError("this is not JSON that can be read", at=str(file)) from error
    if not isinstance(found, dict):
        raise UserError(f"a JSON object was expected here, not a {type(found).__name__}", at=str(file))
    return found


def _hosts(config: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    listed = config.get("hosts")
    named = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    current = _text(config.get("current_host")) or next(iter(named), LONE_HOST)
    return current, tuple(sorted({*named, current}))


def _mixed(config: Mapping[str, Any]) -> bool:
    groups = config.get("instance_groups")
    return isinstance(groups, list) and len(groups) > 1


def _channels(
    config: Mapping[str, Any], *, data: Path, parted: bool, stop: threading.Event | None
) -> Mapping[str, Channel]:
    found = {name: said if isinstance(said, dict) else {} for name, said in config.items()}
    channels = [_channel(name, said, data=data, stop=stop) for name, said in (found or _folders(data)).items()]
    for channel in channels:
        # A host may get no object of a channel that is sharded over several (line 46).
        if channel.pipe is None and not (channel.sharded and parted) and not channel.folder.is_dir():
            sentence = f"the channel '{channel.name}' brought no folder; does its S3 prefix hold any object?"
            raise UserError(sentence, at=str(channel.folder))
    return {channel.name: channel for channel in channels}


def _folders(data: Path) -> dict[str, dict[str, Any]]:
    """Channels of which no file says anything: their folders tell of them."""
    entries = sorted(data.iterdir()) if data.is_dir() else []
    return {entry.name: {} for entry in entries if entry.is_dir() and not entry.name.startswith((".", "_"))}


def _channel(name: str, said: Mapping[str, Any], *, data: Path, stop: threading.Event | None) -> Channel:
    mode = _text(said.get("TrainingInputMode")) or "File"
    return Channel(
        name=name,
        folder=data / name,
        content_type=_text(said.get("ContentType")),
        input_mode=mode,
        sharded=said.get("S3DistributionType") == "ShardedByS3Key",
        wrapped=said.get("RecordWrapperType") == "RecordIO",
        pipe=partial(pipes.opened, data / name, stop=stop) if mode == "Pipe" else None,
    )


def _checkpoints(config: Mapping[str, Any], *, usual: Path) -> Path | None:
    local = _text(config.get("LocalPath"))
    if local:
        return Path(local)
    return usual if usual.is_dir() else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
