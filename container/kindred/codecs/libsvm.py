"""LIBSVM's text becomes a matrix: a line a row, a label and then `index:value` for what is not zero (contract line 48).

https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets
"""

import re
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import dense
from kindred.errors import UserError

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_LABELS = re.compile(rf"{_NUMBER}(?:,{_NUMBER})*")
_CELL = re.compile(rf"([0-9]{{1,9}}):({_NUMBER})")
_COMMENT = re.compile(r"#[^\n]*")
_LIKE = re.compile(rf"{_NUMBER}(?:,{_NUMBER})*(?:[ \t]+qid:[0-9]+)?(?:[ \t]+[0-9]+:{_NUMBER})+[ \t\r]*(?:#.*)?")


def resembles(line: str) -> bool:
    """Tell whether a line is one of this format with at least one value."""
    return _LIKE.fullmatch(line) is not None


def width(text: str) -> int:
    """Return the least width that the indices of the text need, 0 where there is none; what is wrong is passed over."""
    told = _COMMENT.sub("", text) if "#" in text else text
    return max((int(cell[1]) + 1 for cell in _CELL.finditer(told)), default=0)


def parts(text: str, *, width: int, part_bytes: int) -> Iterator[NDArray[np.float32]]:
    """Yield the matrix float32 (n, width), finite, in parts of at most `part_bytes`; labels and comments are left out.

    Indices ascend within a line, and count from 0: those of data that counts from 1 leave the first column zero, which
    changes no distance. Raises UserError, `at` the line, for what breaks these rules or is no finite number.
    """
    lines = [(number, line.partition("#")[0].split()) for number, line in enumerate(text.split("\n"), 1)]
    given = [(number, cells) for number, cells in lines if cells]
    step = max(1, part_bytes // (4 * max(width, 1)))
    for begin in range(0, len(given), step):
        yield _rows(given[begin : begin + step], width)


def each(lines: Iterable[str]) -> Iterator[tuple[int, tuple[list[int], list[float]] | UserError]]:
    """Yield (line, (indices, values)) of every line that is not blank; of one that breaks the rules, the UserError.

    Lines count from 1, indices from 0, ascending; values are finite as float32. A line may do without its label, as
    people leave it out where nothing is known of a row.
    """
    for number, line in enumerate(lines, 1):
        cells = line.partition("#")[0].split()
        if cells:
            yield number, _told(cells if ":" not in cells[0] else ["0", *cells], number)


def _told(cells: list[str], number: int) -> tuple[list[int], list[float]] | UserError:
    try:
        return _pairs(cells)
    except UserError as error:
        error.at = f"line {number}"
        return error


def _rows(given: list[tuple[int, list[str]]], width: int) -> NDArray[np.float32]:
    rows = np.zeros((len(given), width), np.float32)
    for row, (number, cells) in zip(rows, given, strict=True):
        try:
            _fill(row, cells)
        except UserError as error:
            error.at = f"line {number}"
            raise
    return rows


def _fill(row: NDArray[np.float32], cells: list[str]) -> None:
    indices, values = _pairs(cells)
    if indices and indices[-1] >= len(row):
        raise UserError(
            f"the index {indices[-1]} is outside of {len(row)} numbers, whose indices are 0 to {len(row) - 1}"
        )
    row[indices] = values


def _pairs(cells: list[str]) -> tuple[list[int], list[float]]:
    label, *features = cells
    if not _LABELS.fullmatch(label):
        raise UserError(f"'{label[:40]}' is no label; a line is a number, then index:value pairs")
    indices: list[int] = []
    values: list[float] = []
    for cell in features[features[:1] != [] and features[0].startswith("qid:") :]:
        found = _CELL.fullmatch(cell)
        if not found:
            raise UserError(f"'{cell[:40]}' is no index:value pair such as 3:0.5")
        index, value = int(found[1]), float(found[2])
        if indices and index <= indices[-1]:
            raise UserError(f"the index {index} stands after {indices[-1]}; indices ascend")
        if not abs(value) <= dense.LARGEST:
            raise UserError(f"{found[2][:40]} is out of the range of float32")
        indices.append(index)
        values.append(value)
    return indices, values
