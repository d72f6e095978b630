"""A channel's folder from a table of file names and contents, and the pantry that it becomes."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from kindred.data.pantry import read
from kindred.data.values import Pantry

Reader = Callable[..., Pantry]
Filler = Callable[..., Path]


@pytest.fixture
def fill(tmp_path: Path) -> Filler:
    def filled(channel: str, files: dict[str, str | bytes]) -> Path:
        folder = tmp_path / channel
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = content.encode() if isinstance(content, str) else content
            path.write_bytes(gzip.compress(raw) if name.endswith(".gz") and isinstance(content, str) else raw)
        return folder

    return filled


@pytest.fixture
def pantry(fill: Filler) -> Reader:
    """`pantry(interactions={name: text}, items={…})`: text is compressed where the name ends in .gz."""

    def filled(**channels: dict[str, str | bytes]) -> Pantry:
        return read({channel: fill(channel, files) for channel, files in channels.items()})

    return filled
