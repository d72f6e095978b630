"""JSON Lines become values, and values become JSON Lines."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kindred.codecs import json_text
from kindred.errors import UserError


def decode(text: str) -> list[tuple[int, Any]]:
    """Return (line, value) of every line that is not blank; lines count from 1 and end in LF or CRLF.

    Raises UserError, `at` the line, where one is no JSON by the rules of `json_text.decode`.
    """
    found = list(each(text.split("\n")))
    for _, value in found:
        if isinstance(value, UserError):
            raise value
    return found


def each(lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Yield what `decode` returns, line by line; the value of a line that is no JSON is the UserError that says so."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, _value(line, number)


def encode(values: Sequence[Any]) -> bytes:
    """Return every value as JSON in a line of its own, each ended by LF. Raises Bug as `json_text.encode`."""
    return b"".join(json_text.encode(value) + b"\n" for value in values)


def _value(line: str, number: int) -> Any:
    try:
        return json_text.decode(line)
    except UserError as error:
        error.at = f"line {number}"
        return error
