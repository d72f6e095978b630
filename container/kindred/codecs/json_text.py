"""JSON text becomes values, and values become JSON."""

import json
import math
import re
from typing import Any

import msgspec

from kindred.errors import Bug, UserError

DEEPEST = 64
"""Levels of lists and objects that a text may nest; far more than any instance needs, far less than a stack holds."""

_OFFSET = re.compile(r" \(byte (\d+)\)")
_NO_NUMBERS = ("NaN", "Infinity")


def decode(text: str) -> Any:
    """Return the value that `text` spells.

    Raises UserError where it is no JSON, nests deeper than DEEPEST, names a key twice in one object, or holds a
    number that is not finite.
    """
    try:
        value = msgspec.json.decode(text)
    except RecursionError:
        raise UserError(_TOO_DEEP) from None
    except msgspec.ValidationError:
        raise UserError("the JSON holds a number that is out of range") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(_malformed(str(error), text)) from None
    # More colons than keys: some stand within strings, or a key stands twice. The slower reader tells which.
    if text.count(":") != _keys(value):
        json.loads(text, object_pairs_hook=_once)
    return value


def encode(value: Any) -> bytes:
    """Return `value` as JSON, UTF-8. Raises Bug where it holds a number that is not finite."""
    body = msgspec.json.encode(value)
    # The encoder writes such a number as null.
    if b"null" in body and not _finite(msgspec.to_builtins(value)):
        raise Bug("an answer holds a number that is not finite")
    return body


_TOO_DEEP = f"the JSON nests deeper than {DEEPEST} levels"


def _keys(value: Any) -> int:
    keys = 0
    level = [value]
    for _ in range(DEEPEST):
        keys += sum(len(each) for each in level if type(each) is dict)
        level = [child for each in level for child in _children(each) if type(child) is dict or type(child) is list]
        if not level:
            return keys
    raise UserError(_TOO_DEEP)


def _children(value: Any) -> Any:
    if type(value) is dict:
        return value.values()
    return value if isinstance(value, list | tuple) else ()


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            raise UserError(f"the key {key[:40]!r} stands twice in one JSON object")
        seen.add(key)


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return all(map(_finite, _children(value)))


def _malformed(message: str, text: str) -> str:
    if "trailing characters" in message:
        return "the body goes on after its JSON value; for a value a line send application/jsonlines"
    found = _OFFSET.search(message)
    if not found:
        return "the JSON ends before it is complete"
    before = text.encode()[: int(found[1])].decode(errors="ignore")
    rest = text[len(before) : len(before) + 9]
    number = next((word for word in _NO_NUMBERS if rest.startswith(word)), None)
    cause = f"{number} is no JSON number" if number else _OFFSET.sub("", message).removeprefix("JSON is malformed: ")
    return f"the body is not JSON at {_position(before)}: {cause}"


def _position(before: str) -> str:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"line {line}, column {column}" if line > 1 else f"column {column}"
