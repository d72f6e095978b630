"""Writes docs/7-contract-lines.md: what SageMaker asks of an image, line by line, and the tests that show it.

    python scripts/contract_lines.py

reads docs/contract-lines.toml and the docstrings below tests/. A test names its lines at the head of its docstring,
`[25, 101-104] …`; a file in which no test does may name them in its own, `… (contract lines 175-182).`
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "docs" / "contract-lines.toml"
PAGE = ROOT / "docs" / "7-contract-lines.md"
TESTS = ROOT / "tests"

REASONS = {
    "not yet": "meant to be met, and is not today",
    "not offered": "belongs to a service that the image does not claim to suit",
    "by choice": "could be met, and we decided otherwise",
    "not ours": "is up to SageMaker, its SDK or whoever runs the image",
    "unproven": "is met as far as we know, with no test that shows it",
}
"""How the sentence starts that says why a line is not met."""

_BRACKETS = r"\[[0-9]+(?:-[0-9]+)?(?:, ?[0-9]+(?:-[0-9]+)?)*\]"
_NAMES_A_FILE = 3

_HEAD = """\
# 7. The contract, line by line

Written by `scripts/contract_lines.py` from [contract-lines.toml](contract-lines.toml) and the docstrings of the tests;
do not edit. The code calls each number a *line* of the contract: what SageMaker's pages and programs ask for, in our
words. A test claims a line at the head of its docstring, `[25]`.

MUST: SageMaker or its SDK breaks without it. SHOULD: people are hurt without it. NICE: beyond what other images do.
"""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the contract; `unmet` says why no test shows all of it, and begins with one of REASONS."""

    number: int
    level: str
    asks: str
    unmet: str | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A test that names a line: its file below tests/, and its name, None for the whole file."""

    number: int
    file: str
    test: str | None


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(sections(DATA), claims(TESTS)), encoding="utf-8")


def sections(data: Path) -> Mapping[str, tuple[Line, ...]]:
    """Return the lines under the title of their section, in order."""
    with data.open("rb") as file:
        read = tomllib.load(file)
    return {
        f"{letter}. {section['title']}": tuple(
            Line(number=int(number), **line) for number, line in section["lines"].items()
        )
        for letter, section in read.items()
    }


def claims(tests: Path) -> tuple[Claim, ...]:
    """Return what the test files below a folder say they show, by file, then in the order of the file."""
    files = sorted(tests.rglob("test_*.py"))
    return tuple(claim for file in files for claim in _of_file(file, file.relative_to(tests).as_posix()))


def page(lines: Mapping[str, Iterable[Line]], claimed: Iterable[Claim]) -> str:
    """Return the page in Markdown."""
    shown: dict[int, list[Claim]] = {}
    for claim in claimed:
        shown.setdefault(claim.number, []).append(claim)
    known = [line for section in lines.values() for line in section]
    tables = (f"\n## {title}\n\n{_table(section, shown)}" for title, section in lines.items())
    return f"{_HEAD}\n{_summary(known)}{''.join(tables)}"


def _of_file(file: Path, name: str) -> Iterator[Claim]:
    module = ast.parse(file.read_text(encoding="utf-8"))
    tests = [each for each in ast.walk(module) if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]
    own = [
        Claim(number=number, file=name, test=test.name)
        for test in sorted(tests, key=lambda test: test.lineno)
        for number in _named(ast.get_docstring(test) or "")
    ]
    whole = re.search(r"\((?:contract )?lines? ([^)]*)\)", ast.get_docstring(module) or "")
    # A range at the top of a file says what it is about; it is a claim only where no test is more exact.
    yield from own or (Claim(number=number, file=name, test=None) for number in _numbers(whole[1] if whole else ""))


def _named(docstring: str) -> tuple[int, ...]:
    head = re.match(rf"(?:{_BRACKETS}\s*)+", docstring)
    # A second list further on: the sentence is about lists of numbers, and claims nothing.
    if head is None or re.search(_BRACKETS, docstring[head.end() :]):
        return ()
    return _numbers(head[0])


def _numbers(text: str) -> tuple[int, ...]:
    spans = re.findall(r"([0-9]+)(?:(?:-| to )([0-9]+))?", text)
    return tuple(number for low, high in spans for number in range(int(low), int(high or low) + 1))


def _summary(lines: Iterable[Line]) -> str:
    unmet = [line for line in lines if line.unmet]
    said = {reason: [str(line.number) for line in unmet if _reason(line) == reason] for reason in REASONS}
    rows = (f"- *{reason}*: {REASONS[reason]}. {', '.join(numbers)}.\n" for reason, numbers in said.items() if numbers)
    return f"Lines that no test shows in full, by why that is; the reason stands beside each below.\n\n{''.join(rows)}"


def _reason(line: Line) -> str:
    return (line.unmet or "").partition(":")[0]


def _table(lines: Iterable[Line], shown: Mapping[int, Iterable[Claim]]) -> str:
    rows = (
        f"| {line.number} | {line.level} | {line.asks} | {_cell(line, shown.get(line.number, ()))} |" for line in lines
    )
    return "\n".join(["| line | level | what is asked | shown by |", "|---|---|---|---|", *rows]) + "\n"


def _cell(line: Line, shown: Iterable[Claim]) -> str:
    files: dict[str, list[str]] = {}
    for claim in shown:
        names = files.setdefault(claim.file, [])
        if claim.test and claim.test not in names:
            names.append(claim.test)
    parts = [f"`{file}`{_names(tests)}" for file, tests in files.items()]
    return "<br>".join([*parts, *([f"*{line.unmet}*"] if line.unmet else [])])


def _names(tests: list[str]) -> str:
    if not tests:
        return ""
    more = f" and {len(tests) - _NAMES_A_FILE} more" if len(tests) > _NAMES_A_FILE else ""
    return f": {', '.join(tests[:_NAMES_A_FILE])}{more}"


if __name__ == "__main__":
    main()
