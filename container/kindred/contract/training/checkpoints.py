"""Checkpoints in a folder that SageMaker copies to S3 as we write, and restores before it starts us again."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kindred.contract.log import LOGGER

IGNORED = ".sagemaker-ignore"
"""The agent leaves alone what has this ending (contract line 57)."""
UPLOADING, UPLOADED = ".sagemaker-uploading", ".sagemaker-uploaded"
"""What the agent puts beside a file while it copies it, and once it has."""

KEPT = 2
"""The newest is what training goes on from, the one before where the newest is damaged."""
KEPT_UNSEEN = 4
"""Kept where no agent shows itself: one that has not begun yet may be about to copy them."""

_NAME = re.compile(r"(?P<host>[A-Za-z0-9._-]+)-(?P<number>[0-9]{8,18})\.checkpoint")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class _Kept(NamedTuple):
    """Sorts by age: only the first host writes, so numbers grow whatever the host was called."""

    number: int
    path: Path


class Store:
    """Keeps the promises of `port.Checkpoints` in a folder, which is made when the first checkpoint is."""

    def __init__(self, folder: Path, *, host: str) -> None:
        self._folder = folder
        self._host = _UNSAFE.sub("_", host)
        self._warned = False

    def save(self, content: bytes) -> None:
        """Keep the content, all of it or nothing; a disk that refuses is told of once, and training goes on."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _clear_half_written(self._folder)
            newest = max(_kept(self._folder), default=None)
            number = newest.number + 1 if newest else 1
            _write(self._folder / f"{self._host}-{number:08d}.checkpoint", content)
            _clear_old(self._folder)
        except OSError as error:
            self._warn(error)

    def saved(self) -> Iterator[bytes]:
        """Yield what was kept, the newest first; a file that cannot be read is told of and left out."""
        try:
            found = sorted(_kept(self._folder), reverse=True)
        except FileNotFoundError:
            return
        except OSError as error:
            LOGGER.warning("the checkpoints in %s cannot be read (%s)", self._folder, error.strerror)
            return
        for _, path in found:
            try:
                content = path.read_bytes()
            except OSError as error:
                LOGGER.warning("the checkpoint %s cannot be read (%s)", path.name, error.strerror)
                continue
            yield content

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            told = (
                "no checkpoint can be kept in %s (%s): a job that is interrupted goes on from an earlier one, or anew"
            )
            LOGGER.warning(told, self._folder, error.strerror or error)
            self._warned = True


def _kept(folder: Path) -> Iterator[_Kept]:
    for path in folder.iterdir():
        named = _NAME.fullmatch(path.name)
        if named and path.is_file():
            yield _Kept(number=int(named["number"]), path=path)


def _write(path: Path, content: bytes) -> None:
    aside = path.with_name(path.name + IGNORED)
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
        _sync(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()  # half of it may be what filled the disk
        raise


def _clear_half_written(folder: Path) -> None:
    for path in folder.glob(f"*{IGNORED}"):
        if _NAME.fullmatch(path.name.removesuffix(IGNORED)):
            path.unlink(missing_ok=True)


def _clear_old(folder: Path) -> None:
    """What is deleted here is deleted in S3 too (line 56), and never while the agent may be reading it."""
    marked = {path.name for ending in (UPLOADING, UPLOADED) for path in folder.glob(f"*{ending}")}
    for _, path in sorted(_kept(folder), reverse=True)[KEPT if marked else KEPT_UNSEEN :]:
        copied = path.name + UPLOADED in marked and path.name + UPLOADING not in marked
        if copied or not marked:
            path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
