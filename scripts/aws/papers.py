"""Effects as JSON and back: what a dry run prints and what the ledger keeps."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from .plan import Ask, Call, Cost, Each, Effect, Undo, Upload, Wait

KINDS = {kind.__name__: kind for kind in (Ask, Call, Cost, Each, Undo, Upload, Wait)}
_LISTS = ("parameters",)


def encode(value: Any) -> Any:
    """Return the value as JSON knows it; what is empty is left out, and bytes become text."""
    if is_dataclass(value) and not isinstance(value, type):
        told = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {
            "kind": type(value).__name__,
            **{name: each for name, each in told.items() if each not in ("", [], None)},
        }
    if isinstance(value, dict):
        return {key: encode(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [encode(each) for each in value]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value) if isinstance(value, Path) else value


def decode(value: dict[str, Any]) -> Any:
    """Return the effect that `encode` made this of. Raises KeyError for a kind that there is not."""
    told = {name: _decoded(name, each) for name, each in value.items() if name != "kind"}
    return KINDS[value["kind"]](**told)


def decode_all(values: Sequence[dict[str, Any]]) -> tuple[Effect, ...]:
    """Return the effects of a list."""
    return tuple(decode(value) for value in values)


def _decoded(name: str, value: Any) -> Any:
    if name in _LISTS:
        return value
    if name == "file":
        return Path(value)
    if isinstance(value, list):
        return tuple(_decoded("", each) for each in value)
    return decode(value) if isinstance(value, dict) and "kind" in value else value
