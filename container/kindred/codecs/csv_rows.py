"""CSV by RFC 4180 becomes rows of cells, and rows become CSV."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from kindred.errors import UserError


def decode(text: str) -> list[tuple[int, list[str]]]:
    """Return (line, cells) of every row; lines count from 1, and a row is named by its first.

    Rows end in LF, CRLF or CR, the last one with or without; an empty line is a row of no cells. Cells keep their
    blanks; within quotes stand commas, doubled quotes and line ends. Raises UserError, `at` the line.
    """
    rows = []
    for line, cells in each(io.StringIO(text, newline="")):
        if isinstance(cells, UserError):
            raise cells
        rows.append((line, cells))
    return rows


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
    text = io.StringIO(newline="")
    plain = csv.writer(text, lineterminator="\n")
    # Before Python 3.13 the writer leaves a lone carriage return bare, which a reader takes for the end of the row.
    quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for cells in rows:
        (quoting if any("\r" in cell for cell in cells) else plain).writerow(cells)
    return text.getvalue().encode()
