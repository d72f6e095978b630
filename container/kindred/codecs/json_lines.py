"""JSON Lines become values, and values become JSON Lines."""

from collections.abc import Sequence
from typing import Any

from kindred.codecs import json_text
from kindred.errors import UserError


def decode(text: str) -> list[tuple[int, Any]]:
    """Return (line, value) of every line that is not blank; lines count from 1 and end in LF or CRLF.

    Raises UserError, `at` the line, where one is no JSON by the rules of `json_text.decode`.
    """
    return [(number, _value(line, number)) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def encode(values: Sequence[Any]) -> bytes:
    """Return every value as JSON in a line of its own, each ended by LF. Raises Bug as `json_text.encode`."""
    return b"".join(json_text.encode(value) + b"\n" for value in values)


def _value(line: str, number: int) -> Any:
    try:
        return json_text.decode(line)
    except UserError as error:
        error.at = f"line {number}"
        raise
