"""Lists that were written as text, as JSON or as Python prints them: `["Drama"]`, `[{'id': 18, 'name': 'Drama'}]`."""

import json
import re
from collections.abc import Iterator
from typing import Any

import polars as pl

MOSTLY = 0.5
"""A column holds lists where more than this share of its cells looks like them."""

_LIKE_A_LIST = r"^\s*(\[(?s:.*)\]|\{(?s:.*)\})\s*$"
_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_NAME = re.compile(rf"""["']name["']\s*:\s*({_QUOTED})""")
_TEXT = re.compile(_QUOTED)
_ESCAPED = re.compile(r"\\(.)")


def lists(cells: pl.Series) -> pl.Series:
    """Return a column of text as lists of text where most of its cells are written lists; else as it is.

    Of objects only their name is kept. A cell that is no list is a list of itself.
    """
    written = cells.str.contains(_LIKE_A_LIST)
    if not written.any() or written.sum() <= MOSTLY * cells.count():
        return cells
    parts = {cell: _parts(cell) for cell in cells.unique().drop_nulls()}
    return pl.Series(cells.name, [parts.get(cell) for cell in cells], dtype=pl.List(pl.String))


def _parts(cell: str) -> list[str]:
    bare = cell.strip()
    if not re.match(_LIKE_A_LIST, bare):
        return [cell]
    try:
        return list(_named(json.loads(bare)))
    except (ValueError, RecursionError):
        return _printed(bare)


def _named(value: Any) -> Iterator[str]:
    """The texts and numbers in a value of JSON, whatever it is nested in."""
    if isinstance(value, list):
        for one in value:
            yield from _named(one)
    elif isinstance(value, dict):
        yield from _named(value.get("name"))
    elif value is not None:
        yield str(value)


def _printed(bare: str) -> list[str]:
    """The parts of what Python or NumPy prints."""
    if "{" in bare:
        return [_unquoted(name) for name in _NAME.findall(bare)]
    quoted = _TEXT.findall(bare)
    return [_unquoted(text) for text in quoted] if quoted else re.split(r"[,\s]+", bare[1:-1].strip())


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(r"\1", text[1:-1])
