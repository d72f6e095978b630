"""The rows of `reasons.toml`: what can go wrong at AWS, and what to do about it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("reasons.toml")


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One way to fail; the file's head says what its words mean."""

    about: str
    code: str
    says: str
    example: str
    message: str = ""
    operation: str = ""


@cache
def reasons() -> tuple[Reason, ...]:
    """Return the table, in its order: the first row that fits speaks."""
    with TABLE.open("rb") as file:
        return tuple(Reason(**row) for row in tomllib.load(file)["reason"])


def page() -> str:
    """Return the table in Markdown, for the page on operations."""
    rows = [f"| {row.about} | `{_words(row.code)}` | {_cell(row.says)} |" for row in reasons()]
    return "\n".join(["| about | AWS says | what to do |", "| --- | --- | --- |", *rows]) + "\n"


def _words(code: str) -> str:
    return code.replace("|", ", ").replace(r"\w*", "…").replace(r"\d", "x")


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("{own}", "…").replace("{", "*").replace("}", "*")
