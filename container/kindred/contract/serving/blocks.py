"""A body of any size, taken block by block, so that no more than a block of it is held (contract lines 114, 126, 150).

A block is of whole lines or whole records; the families that have neither are held whole.
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from kindred.codecs import csv_rows, json_lines, recordio, text
from kindred.contract.negotiation import CSV, JSON_LINES, LIBSVM, RECORDIO, Family
from kindred.contract.port import Predictor
from kindred.contract.serving import requests
from kindred.contract.serving.body import BLOCK, Body
from kindred.contract.serving.requests import Batch
from kindred.contract.serving.wishes import Wishes
from kindred.errors import UserError

FAMILIES = (CSV, JSON_LINES, LIBSVM, RECORDIO)
"""What can be taken in blocks."""

ROWS = 4096
"""Requests of a block, at most."""

LONGEST = 16 * BLOCK
"""Characters of a line; what is longer is no line."""


def read(
    body: Body, family: Family, predictor: Predictor, *, charset: str | None, options: Mapping[str, str], wishes: Wishes
) -> Iterator[Batch]:
    """Yield the requests of a body of one of FAMILIES, a block at a time. Raises UserError as `requests.read`."""
    if family is RECORDIO:
        yield from _records(body.stream(), predictor, wishes)
        return
    lines = _Lines(body, charset, end="" if family is CSV else "\n")
    found = _CODECS[family.type](lines)
    for first in found:
        block = _some(chain([first], found), lines)
        yield requests.of_lines(block, family, predictor, options=options, wishes=wishes)


def _sparse(lines: Iterator[str]) -> Iterator[tuple[int, Any]]:
    from kindred.codecs import libsvm  # NumPy, which the door does without where the predictor does

    return libsvm.each(lines)


_CODECS: Mapping[str, Callable[[Iterator[str]], Iterator[tuple[int, Any]]]] = {
    CSV.type: csv_rows.each,
    JSON_LINES.type: json_lines.each,
    LIBSVM.type: _sparse,
}


class _Lines:
    """The lines of a body, with their ends; `taken` characters of them so far."""

    def __init__(self, body: Body, charset: str | None, *, end: str) -> None:
        name, mark = text.marked(body.head, charset)
        self._text = io.TextIOWrapper(replace(body, head=body.head[mark:]).stream(), name, newline=end)
        self._charset = name
        self._number = 0
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self._number += 1
        try:
            line = self._text.readline(LONGEST)
        except UnicodeDecodeError:
            raise UserError(
                f"the body is not {self._charset.upper()}; send UTF-8, or name the charset in Content-Type"
            ) from None
        if not line:
            raise StopIteration
        if len(line) == LONGEST:
            raise UserError(f"the line has more than {LONGEST} characters", at=f"line {self._number}")
        self.taken += len(line)
        return line


def _some(found: Iterator[tuple[int, Any]], lines: _Lines) -> Iterator[tuple[int, Any]]:
    before = lines.taken
    for count, row in enumerate(found, 1):
        yield row
        if count == ROWS or lines.taken - before > BLOCK:
            return


def _records(stream: io.BufferedReader, predictor: Predictor, wishes: Wishes) -> Iterator[Batch]:
    held, records, passed = b"", 0, 0
    while piece := _filled(stream, held):
        ended = len(piece) < len(held) + BLOCK
        view, at = memoryview(piece), 0
        while size := _whole(view[at:], ended=ended, first=passed == 0 and at == 0):
            try:
                batch = requests.read(bytes(view[at : at + size]), RECORDIO, predictor, options={}, wishes=wishes)
            except UserError as error:
                error.at = _shifted(error.at, records=records, passed=passed + at)
                raise
            yield replace(_kept(batch, records), place=_counted(records))
            records, at = records + len(batch.requests), at + size
        held, passed = piece[at:], passed + at
        if ended:
            return


def _counted(before: int) -> Callable[[int], str]:
    return lambda i: f"record {before + i + 1}"


def _filled(stream: io.BufferedReader, held: bytes) -> bytes:
    return held + stream.read(BLOCK)


def _whole(view: memoryview, *, ended: bool, first: bool) -> int:
    """How many bytes can be read as records by themselves; 0 where more must come before that is known."""
    size = recordio.whole(view, most=ROWS)
    if size or not len(view):
        return size
    begun = len(view) < 8 or recordio.framed(view)
    # What begins no frame is a bare record, if it is the first, and else a mistake to be told at once.
    return len(view) if ended or not (begun or first) else 0


def _kept(batch: Batch, records: int) -> Batch:
    if not any(isinstance(each, requests.Fault) for each in batch.requests):
        return batch
    faults = [
        replace(each, at=_shifted(each.at, records=records, passed=0)) if isinstance(each, requests.Fault) else each
        for each in batch.requests
    ]
    return replace(batch, requests=faults)


def _shifted(at: str | None, *, records: int, passed: int) -> str | None:
    """`record 1, byte 0` of a block, as the caller counts them."""
    if at is None:
        return None
    at = re.sub(r"record (\d+)", lambda found: f"record {int(found[1]) + records}", at)
    return re.sub(r"byte (\d+)", lambda found: f"byte {int(found[1]) + passed}", at)
