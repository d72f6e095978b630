"""Disks that are small, or that cannot be written; both need root and the right to mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotMount(Exception):
    """This machine lets us mount nothing; `Process(largest_file=…)` is the next best thing for a small disk."""


@contextmanager
def small(folder: Path, *, size_bytes: int) -> Iterator[Path]:
    """Give a disk of `size_bytes` at `folder`, in memory, until the block ends. Raises CannotMount."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _unmount(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Make what lies below `folder` unwritable, as FastFile's inputs and a served model are. Raises CannotMount."""
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,bind,ro", str(folder))
        yield folder
    finally:
        _unmount(folder)


def _mount(*arguments: str) -> None:
    if os.geteuid() != 0:
        raise CannotMount("only root can mount")
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True)
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise CannotMount(str(error)) from error


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
