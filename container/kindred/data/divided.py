"""A folder of data as two: what happened up to a moment, to learn from, and what came after it, to be judged by."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.data import files, pantry, plain
from kindred.data.roles import role
from kindred.data.values import Interactions
from kindred.errors import UserError

TRAIN, TEST = "train", "test"


@dataclass(frozen=True, kw_only=True)
class Divided:
    """How many events lie on each side of `cut`, unix seconds, the moment of the last one to learn from."""

    train: int
    test: int
    cut: float
    warnings: tuple[str, ...]


def divide(folder: Path, out: Path, *, last: float) -> Divided:
    """Write the last share of the events in order of time below `out`/test, the rest and all items below `out`/train.

    `folder` is one that the channel `train` takes, `out`/train is another; events of the moment of the cut stay
    together, in train. Files of items are copied as they are. Raises UserError where the data cannot be read, has no
    timestamps or only one, and OSError where the disk refuses.
    """
    read = pantry.read({"train": folder})
    cut, later = _cut(read.interactions, last)
    for name, chosen in ((TRAIN, ~later), (TEST, later)):
        place = out / name / "interactions"
        place.mkdir(parents=True, exist_ok=True)
        plain.write(place, "events", _columns(read.interactions, read.catalogue.ids, chosen), form="parquet")
    for source, relative in _items(folder):
        (place := out / TRAIN / "items" / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    return Divided(train=int((~later).sum()), test=int(later.sum()), cut=cut, warnings=read.warnings)


def _cut(events: Interactions, last: float) -> tuple[float, NDArray[np.bool_]]:
    if not len(events.users):
        raise UserError("there are no interactions to divide; bring a table with user_id, item_id and timestamp")
    if events.timestamps is None:
        raise UserError("the interactions are divided by time and have no timestamps; bring a column 'timestamp'")
    ordered = np.sort(events.timestamps)
    cut = float(ordered[max(len(ordered) - round(len(ordered) * last), 1) - 1])
    later = events.timestamps > cut
    if not later.any():
        raise UserError(f"nothing happened after the cut at {cut:g} s: take a larger share, or data of a longer time")
    return cut, later


def _columns(events: Interactions, ids: tuple[str, ...], chosen: NDArray[np.bool_]) -> dict[str, Any]:
    users, items = events.users[chosen].tolist(), events.items[chosen].tolist()
    optional = {"rating": events.ratings, "timestamp": events.timestamps}
    return {
        "user_id": [events.user_ids[user] for user in users],
        "item_id": [ids[item] for item in items],
        **{name: column[chosen] for name, column in optional.items() if column is not None},
    }


def _items(folder: Path) -> Iterator[tuple[Path, Path]]:
    """The files of items, each with its place below the folder that it is read from."""
    for channel, root in pantry.shelves("train", folder):
        for path in filter(files.is_table, files.paths(root)):
            table = files.scan(path, label=path.relative_to(root).as_posix())
            if role(table.schema, channel=channel) not in ("interactions", "unused", "unknown"):
                yield path, path.relative_to(root)
