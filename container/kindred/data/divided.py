"""A folder of data as two: what happened up to a moment, to learn from, and what came after it, to be judged by."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from kindred.data import files, pantry
from kindred.data.roles import role
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
    together, in train. Of an event all is kept that training reads. Files of items are copied as they are. Raises
    UserError where the data cannot be read, has no timestamps or only one, and OSError where the disk refuses.
    """
    events, _, warnings = pantry.gathered({"train": folder})
    cut = _cut(events, last)
    later = pl.col("timestamp") > cut
    sides = {TRAIN: events.filter(~later), TEST: events.filter(later)}
    if not sides[TEST].height:
        raise UserError(
            f"nothing happened after the cut at {moment(cut)}: take a larger share, or data of a longer time"
        )
    for name, side in sides.items():
        place = out / name / "interactions"
        place.mkdir(parents=True, exist_ok=True)
        side.write_parquet(place / "events.parquet")
    for source, relative in _items(folder):
        (place := out / TRAIN / "items" / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    return Divided(train=sides[TRAIN].height, test=sides[TEST].height, cut=cut, warnings=tuple(warnings))


def _cut(events: pl.DataFrame, last: float) -> float:
    if not events.height:
        raise UserError("there are no interactions to divide; bring a table with user_id, item_id and timestamp")
    if "timestamp" not in events.columns:
        raise UserError("the interactions are divided by time and have no timestamps; bring a column 'timestamp'")
    ordered = events["timestamp"].sort()
    return float(ordered[max(events.height - round(events.height * last), 1) - 1])


def moment(seconds: float) -> str:
    """Return a timestamp, in seconds since 1970, as ISO 8601 has it, in UTC."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # a year that no calendar has
        return f"{seconds:g} s"


def _items(folder: Path) -> Iterator[tuple[Path, Path]]:
    """The files of items, each with its place below the folder that it is read from."""
    for channel, root in pantry.shelves("train", folder):
        for path in filter(files.is_table, files.paths(root)):
            table = files.scan(path, label=path.relative_to(root).as_posix())
            if role(table.schema, channel=channel) not in ("interactions", "unused", "unknown"):
                yield path, path.relative_to(root)
