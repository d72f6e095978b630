"""What a caller may choose about an answer: from the environment for all requests, from headers for one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kindred.errors import UserError

MOST_COLUMNS = 1000


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """`outputs` names what a predictor answers with; none means its default (contract line 152).

    `keep_bad`: a bad record is answered in its own row, and spoils no other (line 129). `id_columns`: so many leading
    cells of a CSV row, or the key `id` of a JSON instance, ride along to the answer (line 135). `stream`: rows are sent
    as they are answered (line 114).
    """

    outputs: tuple[str, ...] = ()
    keep_bad: bool = False
    id_columns: int = 0
    stream: bool = False


def names(text: str) -> tuple[str, ...]:
    """Return the names in a text, parted by commas, bars or blanks. Raises ValueError where there is none."""
    found = tuple(text.replace("|", " ").replace(",", " ").split())
    if not found:
        raise ValueError("a list of names such as closest_cluster,distances")
    return found


def bad_records(text: str) -> bool:
    """Return whether a bad record is to be kept to its row. Raises ValueError."""
    if text.lower() not in ("refuse", "keep"):
        raise ValueError("one of refuse, keep")
    return text.lower() == "keep"


def flag(text: str) -> bool:
    """Return what `true` or `false` say, in any case. Raises ValueError."""
    if text.lower() not in ("true", "false"):
        raise ValueError("one of true, false")
    return text.lower() == "true"


def columns(text: str) -> int:
    """Return a number of columns. Raises ValueError."""
    if not text.isdecimal() or len(text) > 4 or int(text) > MOST_COLUMNS:
        raise ValueError(f"a whole number from 0 to {MOST_COLUMNS}")
    return int(text)


@dataclass(frozen=True, kw_only=True)
class Option:
    """What a request may say in its custom attributes: the field of Wishes, how its text is read, what it is for."""

    field: str
    parse: Callable[[str], Any]
    description: str


OPTIONS = {
    "output": Option(field="outputs", parse=names, description="what k-means answers with, parted by commas"),
    "bad_records": Option(field="keep_bad", parse=bad_records, description="refuse, or keep a bad record to its row"),
    "id_columns": Option(field="id_columns", parse=columns, description="leading cells, or the key id, to ride along"),
    "stream": Option(field="stream", parse=flag, description="true sends rows as they are answered"),
}


def taken(wishes: Wishes, options: dict[str, str]) -> Wishes:
    """Return the wishes with what `options` say of them; what they say is taken out of `options`. Raises UserError."""
    chosen: Mapping[str, Any] = {
        option.field: _read(name, options.pop(name)) for name, option in OPTIONS.items() if name in options
    }
    return replace(wishes, **chosen) if chosen else wishes


def _read(name: str, text: str) -> Any:
    try:
        return OPTIONS[name].parse(text)
    except ValueError as error:
        raise UserError(f"'{text[:60]}' is not {error}", at=name) from None
