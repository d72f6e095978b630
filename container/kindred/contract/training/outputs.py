"""What training leaves behind: a whole model or none, its metrics, in folders of their owner's."""

import contextlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

Stamps = Mapping[str, tuple[int, int]]
"""The inode and the time of change (ns) of each entry of a folder."""


def prepare(folders: Iterable[Path]) -> None:
    """Make the folders where they are missing; raises OSError for one that cannot be written to."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            raise OSError(error.errno, os.strerror(error.errno or 0), str(folder)) from error


def stamps(folder: Path) -> Stamps:
    """Return the entries of `folder` as they are now, to tell an earlier job's from this one's; none if unreadable."""
    try:
        found = {entry.name: entry.lstat() for entry in folder.iterdir()}
    except OSError:
        return {}
    return {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in found.items()}


def whole(folder: Path, *, before: Stamps) -> bool:
    """Say whether this job left something finished: an entry that is new or changed, its name not led by a dot."""
    return any(not name.startswith(".") for name in _fresh(folder, before))


def discard(folder: Path, *, before: Stamps) -> None:
    """Remove every entry of `folder` that this job wrote; an earlier job's stay. Raises nothing."""
    for name in _fresh(folder, before):
        _remove(folder / name)


def discard_unfinished(folder: Path, *, before: Stamps) -> None:
    """Remove the entries that this job wrote and whose names start with a dot. Raises nothing."""
    for name in _fresh(folder, before):
        if name.startswith("."):
            _remove(folder / name)


def write_metrics(folder: Path, metrics: Mapping[str, float]) -> None:
    """Write `metrics.json`, names to figures (contract line 74); one that is not finite is null. Raises OSError."""
    figures = {name: float(value) if math.isfinite(value) else None for name, value in metrics.items()}
    (folder / "metrics.json").write_text(f"{json.dumps(figures, indent=2, sort_keys=True)}\n", encoding="utf-8")


def hand_over(folders: Iterable[Path]) -> None:
    """Give root's files in each folder to the folder's owner, or its parent's: on a laptop, a user (contract line 185).

    Nothing happens where we are not root, or both folders are root's. Raises nothing.
    """
    if os.geteuid() != 0:
        return
    for folder in folders:
        with contextlib.suppress(OSError):
            _give(folder, owners=(folder.stat(), folder.parent.stat()))


def _give(folder: Path, *, owners: Iterable[os.stat_result]) -> None:
    owner = next((owner for owner in owners if owner.st_uid != 0), None)
    if owner is None:
        return
    for path in (folder, *folder.rglob("*")):
        if path.lstat().st_uid == 0:
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _fresh(folder: Path, before: Stamps) -> list[str]:
    return [name for name, stamp in stamps(folder).items() if before.get(name) != stamp]


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        path.unlink()
