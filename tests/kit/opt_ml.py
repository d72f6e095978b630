"""A temporary /opt/ml, laid out as SageMaker does before it starts a container."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kindred.contract import paths
from kindred.contract.paths import Paths

LINES = {"train": {"part-0.csv": b"1,2\n3,4\n", "nested/part-1.csv": b"5,6\n"}}
"""Channels to their files to their bytes: three lines, twelve bytes."""


def lay_out(
    base: Path,
    *,
    hyperparameters: Mapping[str, Any] | None = None,
    channels: Mapping[str, Mapping[str, bytes]] = LINES,
    **config: Any,
) -> Paths:
    """Write the channels, and hyperparameters.json and every `name=value` of `config` as `name.json` if not None.

    The output folders are not made: some of SageMaker's ways leave that to the container.
    """
    places = paths.under(base)
    places.config.mkdir(parents=True)
    places.data.mkdir(parents=True)
    for name, files in channels.items():
        (places.data / name).mkdir()
        for file, content in files.items():
            path = places.data / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for name, value in {"hyperparameters": hyperparameters, **config}.items():
        if value is not None:
            (places.config / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    return places
