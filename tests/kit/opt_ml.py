"""A temporary /opt/ml as poor as it can be: only the files that a test names, and no output folders."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kindred.contract import paths
from kindred.contract.paths import Paths
from kindred.testing import tree

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
    laid = tree.Tree(base)
    named = {"hyperparameters": hyperparameters, **config}
    tree.configure(laid, {f"{name}.json": value for name, value in named.items() if value is not None})
    laid.data.mkdir(parents=True)
    for name, files in channels.items():
        tree.write(files, laid.data / name)
    return paths.under(base)
