"""Valid inputs, damaged at random: each is to give the rows that a slow decoder finds in it, or a clear error."""

import json
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np

from kindred.codecs import npy, records
from kindred.data import vectors
from kindred.data.vectors import Asked
from kindred.errors import UserError
from kit import slow_decoders

LONGEST_S = 20
"""What a single input may take."""

_ROWS = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
_WHOLE = np.arange(-9, 9, dtype=np.int32).reshape(6, 3) * 100
_CELLS = [
    (np.array([0, 4], np.int64), np.array([1.5, -2], np.float32)),
    (np.zeros(0, np.int64), np.zeros(0, np.float32)),
]
_CSV = "".join(",".join(map(repr, row)) + "\n" for row in _ROWS.tolist()).encode()
_JSON = [[1, 2.5, -3e2], {"features": [0, 0, 1]}, {"data": {"features": {"values": [4, 5, 6]}}}]
_SPARSE = [{"keys": [0, 2], "shape": [3], "values": [1, 2]}, {"shape": [3]}]


@dataclass(frozen=True)
class Form:
    """A format: valid inputs, and the decoder that knows what is right."""

    seeds: tuple[bytes, ...]
    slow: Callable[[bytes], list[list[float]]]


FORMS: Mapping[str, Form] = {
    "recordio": Form(
        (
            records.encode_features(_ROWS),
            records.encode_features(_ROWS, labels=_ROWS[:, 0]),
            records.encode_features(_ROWS.astype(np.float64)),
            records.encode_features(_WHOLE),
            records.encode_sparse(_CELLS, width=5),
        ),
        slow_decoders.recordio,
    ),
    "csv": Form(
        (_CSV, _CSV.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + _CSV.rstrip(), b'"1","2"\n3,"4"\n', b"7\n8\n9\n",
         _CSV.decode().encode("utf-16")),
        slow_decoders.csv,
    ),
    "jsonlines": Form(
        ("\n".join(map(json.dumps, _JSON)).encode(), "\n".join(map(json.dumps, _SPARSE)).encode(),
         json.dumps({"instances": _JSON}).encode()),
        slow_decoders.json_lines,
    ),
    "npy": Form((npy.encode(_ROWS), npy.encode(np.asfortranarray(_WHOLE)), npy.encode(_ROWS[0])), slow_decoders.npy),
}  # fmt: skip

_TOKENS = (
    b"\n",
    b"\r",
    b",",
    b'"',
    b"\0",
    b"-",
    b"e",
    b".",
    b" ",
    b"1e39",
    b"nan",
    b"\xff",
    b"\x0a\x23\xd7\xce",
    b"[",
    b"}",
    b"\x80",
)


@dataclass
class Tally:
    """What became of the inputs; `wrong` are those whose rows are not the slow decoder's."""

    rows: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    wrong: list[tuple[str, bytes, str]] = field(default_factory=list)


def tried(name: str, count: int, *, seed: int = 0) -> Tally:
    """Return what became of `count` damaged inputs of a form; whatever is no UserError is raised as it is."""
    tally, form = Tally(), FORMS[name]
    for damaged in _damaged(form, count, random.Random(f"{name} {seed}")):
        began = time.perf_counter()
        try:
            with _alarm(damaged):
                rows = _read(damaged)
        except UserError as error:
            tally.refused += bool(error.sentence)
        else:
            tally.rows += 1
            if wrong := _wrong(rows, damaged, form):
                tally.wrong.append((name, damaged, wrong))
        tally.slowest_s = max(tally.slowest_s, time.perf_counter() - began)
    return tally


def _damaged(form: Form, count: int, chance: random.Random) -> Iterator[bytes]:
    left = count
    while left:
        body = bytearray(chance.choice(form.seeds))
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            chance.choice(_DAMAGES)(body, chance)
        # What is empty holds no rows, whatever it was.
        if body.strip():
            left -= 1
            yield bytes(body)


def _read(body: bytes) -> list[list[float]]:
    found = vectors.pour(
        BytesIO(body), Asked(memory_bytes=1 << 30, largest=float(np.finfo(np.float32).max)), label="fuzz", wrapped=False
    )
    return np.concatenate(found.shards).tolist() if found.shards else []


def _wrong(rows: list[list[float]], body: bytes, form: Form) -> str:
    told = ""
    # Of a body that is cut to a few bytes, a text is left that is what it says.
    for slow in (form.slow, slow_decoders.csv, slow_decoders.json_lines):
        try:
            expected = slow(body)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            told = told or f"rows {rows}, where the slow decoder refuses: {error!r}"
        else:
            return "" if rows == expected else f"rows {rows}, where the slow decoder finds {expected}"
    return told


@contextmanager
def _alarm(body: bytes) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise AssertionError(f"no answer within {LONGEST_S} s: {body!r}")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _flip(body: bytearray, chance: random.Random) -> None:
    if body:
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)


def _replace(body: bytearray, chance: random.Random) -> None:
    if body:
        body[chance.randrange(len(body))] = chance.randrange(256)


def _cut(body: bytearray, chance: random.Random) -> None:
    del body[chance.randrange(len(body) + 1) :]


def _drop(body: bytearray, chance: random.Random) -> None:
    begin = chance.randrange(len(body) + 1)
    del body[begin : begin + chance.randrange(1, 9)]


def _repeat(body: bytearray, chance: random.Random) -> None:
    begin, at = chance.randrange(len(body) + 1), chance.randrange(len(body) + 1)
    body[at:at] = body[begin : begin + chance.randrange(1, 64)]


def _insert(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(body) + 1)
    body[at:at] = chance.choice(_TOKENS)


def _overwrite(body: bytearray, chance: random.Random) -> None:
    at, token = chance.randrange(len(body) + 1), chance.choice(_TOKENS)
    body[at : at + len(token)] = token


_DAMAGES = (_flip, _replace, _cut, _drop, _repeat, _insert, _overwrite)
