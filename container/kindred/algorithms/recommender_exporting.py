"""A model as plain tables in a folder of the user's."""

from pathlib import Path
from typing import Literal

import msgspec

from kindred.data import plain
from kindred.desk import exporting
from kindred.desk import stock as stocks
from kindred.desk.lines import table
from kindred.errors import UserError


def export(folder: Path, out: Path, *, form: Literal["csv", "parquet"], as_json: bool) -> str:
    """Write every table of the model into `out` and return what was written, as a table or JSON.

    Raises UserError where a file of that name is there already, or the disk refuses.
    """
    found = exporting.tables(stocks.take(folder))
    for name in found:
        if (there := out / f"{name}.{form}").exists():
            raise UserError(f"{there} is there already: name an empty folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = dict(_written(out, name, made(), form=form) for name, made in found.items())
    except OSError as error:
        raise UserError(f"the tables cannot be written to {out}: {error.strerror or error}") from error
    if as_json:
        return msgspec.json.format(msgspec.json.encode(written), indent=2).decode() + "\n"
    return table(("file", "rows"), [(name, f"{rows:,}") for name, rows in written.items()], right=(1,))


def _written(out: Path, name: str, columns: exporting.Columns, *, form: Literal["csv", "parquet"]) -> tuple[str, int]:
    path = plain.write(out, name, columns, form=form)
    return path.name, len(columns[next(iter(columns))])
