"""Hyperparameter strings, however they are quoted, become typed values, checked against the algorithm's table."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kindred.contract.port import Hyperparameter, Value
from kindred.errors import UserError, nearest

INFRASTRUCTURE = ("_", "sagemaker_")
"""Prefixes of the keys that SageMaker, its SDKs and the tuner add (contract line 26)."""

_SHOWN = 60
_WORDS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def typed(
    given: Mapping[str, Any], *, table: Sequence[Hyperparameter], owner: str, beside: Sequence[str] = ()
) -> dict[str, Value]:
    """Return a value for every row of `table`: what was given, decoded and parsed, or else the default.

    Keys of SageMaker's own (`INFRASTRUCTURE`) are ignored, and null means "not given". Raises UserError, one sentence
    that names every problem: an unknown name, a value that does not parse, a required one that is missing. `owner`
    names the algorithm; `beside` are valid names that belong to somebody else.
    """
    rows = {row.name: row for row in table}
    values: dict[str, Value] = {row.name: row.default for row in table}
    problems = []
    texts = _given(given)
    for name, text in texts.items():
        if name not in rows:
            problems.append(f"'{short(name)}' is unknown to {owner}{nearest(name, [*rows, *beside])}")
            continue
        try:
            values[name] = rows[name].parse(text)
        except ValueError as error:
            problems.append(f"'{name}' must be {error}, not '{short(text)}'")
    problems += [f"'{row.name}' is required by {owner}" for row in table if row.required and row.name not in texts]
    if problems:
        raise UserError(f"hyperparameter {'; '.join(problems)}")
    return values


def decoded(value: Any) -> str:
    """Return the text that was meant, quotes and JSON layers peeled off (contract line 25).

    `7`, `"7"` and `"\\"7\\""` are all `7`; what is not a string becomes its JSON text: `true`, `null`, `["msd"]`.
    """
    while isinstance(value, str):
        text = value.strip()
        if not text.startswith('"'):
            return text
        try:
            value = json.loads(text)
        except ValueError:
            return text
    return json.dumps(value, ensure_ascii=False)


def short(text: str) -> str:
    """Return `text` as an error message quotes it, cut where it is long."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def integer(low: int, high: int | None = None) -> Callable[[str], int]:
    """Return a parser of whole numbers within [low, high]; `10.0` and `1e3` are whole."""
    wanted = f"a whole number {_between(low, high)}"

    def parse(text: str) -> int:
        value = _number(text)
        if value is None or not value.is_integer() or not _within(value, low, high):
            raise ValueError(wanted)
        return int(text) if text.lstrip("+-").isdecimal() else int(value)

    return parse


def number(low: float, high: float | None = None) -> Callable[[str], float]:
    """Return a parser of finite numbers within [low, high]."""
    wanted = f"a number {_between(low, high)}"

    def parse(text: str) -> float:
        value = _number(text)
        if value is None or not _within(value, low, high):
            raise ValueError(wanted)
        return value

    return parse


def choice(*valid: str) -> Callable[[str], str]:
    """Return a parser of one of the words `valid`, in any case."""
    wanted = f"one of {', '.join(valid)}"
    spelled = {word.lower(): word for word in valid}

    def parse(text: str) -> str:
        word = spelled.get(text.lower())
        if word is None:
            raise ValueError(wanted)
        return word

    return parse


def choice_or(word: str, parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """Return a parser of `word`, in any case, or else of what `parse` takes."""

    def either(text: str) -> Value:
        if text.lower() == word.lower():
            return word
        try:
            return parse(text)
        except ValueError as error:
            raise ValueError(f"'{word}' or {error}") from error

    return either


def choices(*valid: str) -> Callable[[str], tuple[str, ...]]:
    """Return a parser of several of the words `valid`, in any case: a list, or words between commas."""
    wanted = f"a list of {', '.join(valid)}"
    one = choice(*valid)

    def parse(text: str) -> tuple[str, ...]:
        try:
            return tuple(one(word) for word in _listed(text))
        except ValueError as error:
            raise ValueError(wanted) from error

    return parse


def weights(most: float) -> Callable[[str], tuple[str, ...]]:
    """Return a parser of names with weights in [0, most], as JSON or `view=0.2,purchase=1`: sorted `name=weight`."""

    def parse(text: str) -> tuple[str, ...]:
        pairs = [(name.strip(), _number(weight)) for name, weight in _paired(text)]
        if any(not name or weight is None or not _within(weight, 0, most) for name, weight in pairs):
            raise ValueError(f"names with weights {_between(0, most)}, as view=0.2,purchase=1")
        return tuple(sorted(f"{name}={weight:g}" for name, weight in pairs))

    return parse


def flag() -> Callable[[str], bool]:
    """Return a parser of yes or no: true/false, 1/0, yes/no, on/off in any case."""

    def parse(text: str) -> bool:
        value = _WORDS.get(text.lower())
        if value is None:
            raise ValueError("true or false")
        return value

    return parse


def text(longest: int = 2500) -> Callable[[str], str]:
    """Return a parser that takes any text of at most `longest` characters as it is (contract line 24)."""

    def parse(given: str) -> str:
        if len(given) > longest:
            raise ValueError(f"a text of at most {longest} characters")
        return given

    return parse


def _given(quoted: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: decoded(value) for name, value in quoted.items() if not name.startswith(INFRASTRUCTURE)}
    return {name: text for name, text in texts.items() if text != "null"}


def _listed(text: str) -> list[str]:
    """The words of a list as JSON has it, as Python prints it (an Estimator sends `str(value)`), or between commas."""
    words = [word.strip(" '\"\\") for word in text.strip("[]()").split(",")]
    if not any(words):
        raise ValueError("no word")
    return [word for word in words if word]


def _paired(text: str) -> list[tuple[str, str]]:
    """The names and weights of a mapping as JSON has it, as Python prints it, or between commas."""
    words = [word for word in text.strip(" {}[]()").split(",") if word.strip()]
    cuts = [word.rpartition("=" if "=" in word else ":") for word in words]
    return [(name.strip(" '\"\\"), weight.strip(" '\"\\")) for name, _, weight in cuts]


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _within(value: float, low: float, high: float | None) -> bool:
    return low <= value and (high is None or value <= high)


def _between(low: float, high: float | None) -> str:
    return f"of at least {low}" if high is None else f"between {low} and {high}"
