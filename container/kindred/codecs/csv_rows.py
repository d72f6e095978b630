"""CSV by RFC 4180 becomes rows of cells, and rows become CSV."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from kindred.errors import UserError

_BARE = re.compile(r"[0-9A-Za-z.,+-]+")


def decode(text: str) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of every row; lines count from 1, and a row is named by its first.

    Rows end in LF, CRLF or CR, the last one with or without; an empty line is a row of no cells. Cells keep their
    blanks; within quotes stand commas, doubled quotes and line ends. Raises UserError, `at` the line.
    """
    rows = []
    for line, cells in of(text):
        if isinstance(cells, UserError):
            raise cells
        rows.append((line, cells))
    return rows


def of(text: str) -> Iterable[tuple[int, list[str] | UserError]]:
    """Return what `each` yields of the lines of a text; one without quotes takes less long."""
    if '"' in text or "\r" in text or len(text) > csv.field_size_limit():
        return each(io.StringIO(text, newline=""))
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return [(number, line.split(",") if line else []) for number, line in enumerate(lines, 1)]


def each(lines: Iterable[str]) -> Iterator[tuple[int, list[str] | UserError]]:
    """Yield what `decode` returns, row by row; in the place of a row that cannot be read, the UserError that says so.

    The lines keep their ends. After such a row it goes on with the next line.
    """
    reader = csv.reader(iter(lines), strict=True)
    first = 1
    while True:
        try:
            for cells in reader:
                yield first, cells
                first = reader.line_num + 1
        except csv.Error as error:
            yield first, UserError(f"the CSV row cannot be read: {error}", at=f"line {first}")
            first = reader.line_num + 1
        else:
            return


def encode(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as CSV, UTF-8, quoted where they must be, each ended by LF."""
    rows = list(rows)
    lines = [",".join(cells) for cells in rows]
    if all(map(_bare, lines, rows)):
        return "".join([f"{line}\n" for line in lines]).encode()
    text = io.StringIO(newline="")
    plain = csv.writer(text, lineterminator="\n")
    # Before Python 3.13 the writer leaves a lone carriage return bare, which a reader takes for the end of the row.
    quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for cells in rows:
        (quoting if any("\r" in cell for cell in cells) else plain).writerow(cells)
    return text.getvalue().encode()


def _bare(line: str, cells: Sequence[str]) -> bool:
    return _BARE.fullmatch(line) is not None and line.count(",") == len(cells) - 1
