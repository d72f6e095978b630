"""JSON values and CSV lines become requests, or are refused in a sentence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import UNSET

from kindred.desk.request import OPTIONS, SUBJECTS, Condition, Event, Range, Request
from kindred.errors import UserError, nearest

LISTS = ("rank", "exclude", "allow")
ROW_OPTIONS = (*OPTIONS, "input")
ROW_SUBJECTS = ("history", "user_id", "item_id")
"""What a CSV line can be, by the option `input`."""


def from_json(value: Any, options: Mapping[str, Any]) -> Request:
    """Return the request of one decoded JSON instance; a bare list is a history, the instance's options win.

    Raises UserError, its `at` relative to the instance.
    """
    if isinstance(value, list):
        value = {"history": value}
    if not isinstance(value, dict):
        raise UserError(f"an instance is an object or a list of item ids, not {_kind(value)}")
    _check_options(options, valid=OPTIONS)
    return _one_subject(_converted({**options, **value}, strict=True))


def from_row(cells: Sequence[str], options: Mapping[str, Any]) -> Request:
    """Return the request of one CSV line: a history, or, with the option `input`, a user_id or an item_id.

    Options arrive as strings: lists among them are split at commas or bars, a filter is JSON. They travel in headers
    that others use too: a name unlike any of ours is let through. Empty cells do not count. Raises UserError.
    """
    _check_options([name for name in options if _resembles_an_option(name)], valid=ROW_OPTIONS)
    rest = {name: _option(name, text) for name, text in options.items() if name in OPTIONS}
    subject = options.get("input", "history")
    ids = [cell for cell in cells if cell]
    if subject == "history":
        return _converted({**rest, "history": ids}, strict=False)
    if subject not in ROW_SUBJECTS:
        raise UserError(f"input cannot be '{subject}'{nearest(subject, ROW_SUBJECTS)}")
    if len(ids) != 1:
        raise UserError(f"with input={subject} a line is one id; this one has {len(ids)}")
    return _converted({**rest, subject: ids[0]}, strict=False)


def _converted(value: Mapping[str, Any], *, strict: bool) -> Request:
    unknown = [name for name in value if name not in Request.__struct_fields__]
    if unknown:
        raise UserError(f"unknown key '{unknown[0]}'{nearest(str(unknown[0]), Request.__struct_fields__)}")
    try:
        return msgspec.convert(value, Request, strict=strict)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), value) from error


def _refusal(message: str, value: Mapping[str, Any]) -> UserError:
    sentence, _, place = message.partition(" - at ")
    at = place.strip("`").removeprefix("$")
    if at.startswith(_SOME_FILTER):
        at = f".filter.{_misread(value['filter'])}{at.removeprefix(_SOME_FILTER)}"
    sentence = sentence[:1].lower() + sentence[1:]
    if unknown := _UNKNOWN.search(sentence):
        inner = next((struct for name, struct in _INNER.items() if at.startswith(name)), Request)
        sentence = f"unknown key '{unknown[1]}'{nearest(unknown[1], inner.__struct_fields__)}"
    return UserError(sentence, at=at or None)


def _misread(conditions: Mapping[str, Any]) -> str:
    """The first key whose condition is none: msgspec does not name the keys of a mapping."""
    for name, condition in conditions.items():
        try:
            msgspec.convert(condition, Condition)
        except msgspec.ValidationError:
            return name
    return ""


_SOME_FILTER = ".filter[...]"
_UNKNOWN = re.compile(r"unknown field `(.*)`")
_INNER: Mapping[str, type[msgspec.Struct]] = {".history": Event, ".filter": Range}


def _one_subject(request: Request) -> Request:
    given = [name for name in SUBJECTS if getattr(request, name) is not UNSET]
    if len(given) > 1:
        raise UserError(f"an instance has one subject; this one has {' and '.join(given)}")
    return request


def _check_options(names: Iterable[str], *, valid: Sequence[str]) -> None:
    for name in names:
        if name not in valid:
            raise UserError(f"unknown option '{name}'{nearest(name, valid)}")


def _resembles_an_option(name: str) -> bool:
    return bool(get_close_matches(name, ROW_OPTIONS, n=1, cutoff=0.75))


def _option(name: str, value: Any) -> Any:
    if name in LISTS and isinstance(value, str):
        return [part for part in value.replace("|", ",").split(",") if part]
    if name == "filter" and isinstance(value, str):
        return _filter(value)
    return value


def _filter(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        raise UserError('the filter is not JSON such as {"genres": ["Drama"]}', at=".filter") from None


def _kind(value: Any) -> str:
    return {str: "a string", bool: "a boolean", type(None): "null"}.get(type(value), "a number")
