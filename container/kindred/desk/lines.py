"""Tables of text for a terminal: columns as wide as what is in them, numbers to the right."""

from collections.abc import Sequence
from itertools import accumulate
from unicodedata import combining, east_asian_width

MOST = 44
"""A cell that takes more columns of the terminal is cut."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return the rows under their head, a line each; columns `right` are aligned to the right."""
    cells = [[_cut(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(_padded(cell, widths[at], right=at in right) for at, cell in enumerate(row)).rstrip() for row in cells
    ]
    return "\n".join([lines[0], "  ".join("─" * each for each in widths), *lines[1:]]) + "\n"


def width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def _cut(text: str) -> str:
    printable = "".join(one if one.isprintable() else " " for one in text)
    if width(printable) <= MOST:
        return printable
    reached = accumulate(map(width, printable))
    return printable[: sum(columns < MOST for columns in reached)] + "…"


def _padded(text: str, wanted: int, *, right: bool) -> str:
    room = " " * (wanted - width(text))
    return room + text if right else text + room
