"""Data in two folders, by time: what `kindred divide` says of it."""

from pathlib import Path

import msgspec

from kindred.data import divided
from kindred.desk.lines import table
from kindred.errors import UserError


def divide(folder: Path, out: Path, *, last: float, as_json: bool) -> str:
    """Write `out`/train and `out`/test, and return how much each got, as a table or JSON.

    Raises UserError where the data cannot be read or divided, where something is in those folders already, and where
    the disk refuses.
    """
    for name in (divided.TRAIN, divided.TEST):
        if (there := out / name).exists() and any(there.iterdir()):
            raise UserError(f"{there} holds something already: name an empty folder")
    try:
        done = divided.divide(folder, out, last=last)
    except OSError as error:
        raise UserError(f"the data cannot be written to {out}: {error.strerror or error}") from error
    told = {"train": done.train, "test": done.test, "until": divided.moment(done.cut), "warnings": list(done.warnings)}
    if as_json:
        return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"
    rows = [(str(out / name), f"{count:,}") for name, count in (("train", done.train), ("test", done.test))]
    notes = [f"{note}\n" for note in (f"train ends at {told['until']}", *done.warnings)]
    return table(("folder", "interactions"), rows, right=(1,)) + "\n" + "".join(notes)
