"""Placeholders: `${name}` in a request's parameters, filled in from what is known by then."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

HOLE = re.compile(r"\$\{([\w.-]+)\}")


def fill(value: Any, known: Mapping[str, Any]) -> Any:
    """Return `value` with every hole filled; text that is nothing but one hole becomes the value itself.

    A hole that nothing is known about stays as it is: a dry run prints it.
    """
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, Mapping):
        return {key: fill(each, known) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [fill(each, known) for each in value]
    return value


def at(answer: Any, path: str) -> Any:
    """Return the value at a dotted path of names and positions, None where it leads nowhere."""
    for step in path.split("."):
        if isinstance(answer, Mapping):
            answer = answer.get(step)
        elif (
            isinstance(answer, Sequence) and not isinstance(answer, str) and step.isdigit() and int(step) < len(answer)
        ):
            answer = answer[int(step)]
        else:
            return None
    return answer


def _text(text: str, known: Mapping[str, Any]) -> Any:
    if whole := HOLE.fullmatch(text):
        found = at(known, whole[1])
        return text if found is None else found
    return HOLE.sub(lambda hole: hole[0] if (found := at(known, hole[1])) is None else str(found), text)
