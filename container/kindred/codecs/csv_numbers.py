"""Lines of numbers, cut at commas, become a matrix."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import csv_rows, dense
from kindred.errors import UserError

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NO_NUMBERS = ("", "nan", "na", "n/a", "null", "none", "inf", "infinity")
_BLANK = " \t\r\n"
_STRANGE = re.compile(r"[^0-9eE+., \t\r\n-]")


def decode(text: str, *, skip: int = 0) -> NDArray[np.float32]:
    """Return the numbers, float32 (n, d) and finite, of every line but the first `skip` cells; no lines have (0, 0).

    Cells may be quoted or have blanks around them. Lines at the end may be empty, none before. Raises UserError, `at`
    the line and cell (both from 1), for a cell that is no finite number as float32, a line of another width than the
    first, and a header.
    """
    text = text.rstrip(_BLANK)
    # NumPy takes many letters for blanks.
    matrix = None if not text or _STRANGE.search(text) else _fast(text.split("\n"), skip)
    return _careful(text, skip) if matrix is None else matrix


def _fast(lines: list[str], skip: int) -> NDArray[np.float32] | None:
    """The matrix of plain lines, or None where the careful reader is to say what they are."""
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = np.loadtxt(lines, np.float32, comments=None, delimiter=",", ndmin=2)[:, skip:]
    except ValueError:
        return None
    # NumPy passes over empty lines.
    plain = matrix.size and len(matrix) == len(lines) and dense.unbounded(matrix) is None
    return matrix if plain else None


def _careful(text: str, skip: int) -> NDArray[np.float32]:
    table = csv_rows.decode(text)
    matrix: list[list[float]] = []
    for line, cells in table:
        features = cells[skip:]
        if not features:
            raise UserError(f"the line has {len(cells)} cells; expected more than {skip}", at=f"line {line}")
        if line == 1 and _header(features):
            raise UserError(f"the line is a header ({_few(features)}); send the numbers alone", at="line 1")
        if matrix and len(features) != len(matrix[0]):
            expected = len(matrix[0]) + skip
            raise UserError(f"the line has {len(cells)} cells, and the first has {expected}", at=f"line {line}")
        matrix.append([_number(cell, line, skip + i) for i, cell in enumerate(features, 1)])
    return np.array(matrix, np.float32) if matrix else np.zeros((0, 0), np.float32)


def _number(cell: str, line: int, place: int) -> float:
    at = f"line {line}, cell {place}"
    text = cell.strip(" \t")
    if not _NUMBER.fullmatch(text):
        found = f"'{text[:40]}' is no finite number" if text else "the cell is empty"
        raise UserError(f"{found}; every cell is a number such as 1.5 or -2e3", at=at)
    number = float(text)
    if not abs(number) <= dense.LARGEST:
        raise UserError(f"{text[:40]} is out of the range of float32", at=at)
    return number


def _header(cells: Sequence[str]) -> bool:
    return not any(
        _NUMBER.fullmatch(cell.strip()) or cell.strip().lower().lstrip("+-") in _NO_NUMBERS for cell in cells
    )


def _few(cells: Sequence[str]) -> str:
    return ", ".join(f"'{cell.strip()[:20]}'" for cell in cells[:3]) + (", …" if len(cells) > 3 else "")
