"""A temporary /opt/ml: laid out as SageMaker does before it starts a container, and read after it has ended."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kindred.testing import configuration
from kindred.testing.job import Job

INSIDE = "/opt/ml"
"""Where a container finds the tree; programs of this machine are told its own place instead."""


@dataclass(frozen=True)
class Tree:
    """The folders of one host, below `base`."""

    base: Path

    @property
    def config(self) -> Path:
        """What SageMaker says of the job, in files."""
        return self.base / "input" / "config"

    @property
    def data(self) -> Path:
        """A folder for each channel; FIFOs for those in Pipe mode."""
        return self.base / "input" / "data"

    @property
    def model(self) -> Path:
        """What training leaves, and what serving is given."""
        return self.base / "model"

    @property
    def output(self) -> Path:
        """The folder of `failure` and of `data`."""
        return self.base / "output"

    @property
    def checkpoints(self) -> Path:
        """There only for jobs with checkpoints."""
        return self.base / "checkpoints"

    def failure(self) -> str | None:
        """Return the failure file's text, None where there is no such file."""
        file = self.output / "failure"
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None


def lay_out(job: Job, base: Path, *, host: str | None = None, inside: str | None = None) -> Tree:
    """Write the tree of one host of `job` below `base`, which may exist; return it.

    `host` is the first of the job's unless named; `inside` is what the program takes for /opt/ml, `base` unless told.

        >>> from tempfile import mkdtemp
        >>> from kindred.testing.job import Channel
        >>> tree = lay_out(Job(channels={"train": Channel(objects={"a/b.csv": b"1,2"})}), Path(mkdtemp()))
        >>> (tree.data / "train" / "a" / "b.csv").read_bytes()
        b'1,2'
    """
    tree, host = Tree(base), host or job.hosts[0]
    for folder in (tree.data, tree.model, tree.output / "data"):
        folder.mkdir(parents=True, exist_ok=True)
    if job.checkpoints is not None:
        tree.checkpoints.mkdir(exist_ok=True)
    configure(tree, configuration.files(job, host=host, inside=inside or str(base)))
    for name, channel in job.channels_of(host).items():
        if channel.input_mode != "Pipe":
            write(job.objects_of(host, channel), tree.data / name)
    return tree


def configure(tree: Tree, files: Mapping[str, Any]) -> None:
    """Write each value as JSON into a file of `input/config`."""
    tree.config.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        (tree.config / name).write_text(json.dumps(value), encoding="utf-8")


def write(objects: Mapping[str, bytes], folder: Path) -> None:
    """Write objects as files below `folder`, the slashes of their keys as folders; an empty folder for none."""
    folder.mkdir(parents=True, exist_ok=True)
    for key, content in objects.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def contents(folder: Path) -> Mapping[str, str]:
    """Return the SHA-256 of every file below `folder` by its path from there, in order; none for no folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def digest(folder: Path) -> str:
    """Return one SHA-256 of all names and contents below `folder`: equal trees, equal digests.

    >>> from tempfile import mkdtemp
    >>> digest(Path(mkdtemp())) == digest(Path(mkdtemp()))
    True
    """
    return hashlib.sha256(json.dumps(contents(folder)).encode()).hexdigest()
