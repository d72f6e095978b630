"""RecordIO-protobuf, CSV and JSON Lines read slowly and literally, to tell whether what is fast is right.

Each returns rows as lists of float32 and raises ValueError. They accept what the formats' own pages allow, which may be
more than the codecs do, and never less.
"""

import codecs
import io
import json
import math
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

Rows = list[list[float]]


def recordio(body: bytes) -> Rows:
    rows, at, parts = [], 0, None
    while at < len(body):
        if body[at : at + 4] != b"\x0a\x23\xd7\xce" or len(body) < at + 8:
            raise ValueError("no frame")
        (word,) = struct.unpack_from("<I", body, at + 4)
        flag, length = word >> 29, word % (1 << 29)
        content = body[at + 8 : at + 8 + length]
        if len(content) < length or flag > 3 or (flag in (0, 1)) is (parts is not None):
            raise ValueError("no frame")
        at += 8 + -(-length // 4) * 4
        parts = content if parts is None else parts + b"\x0a\x23\xd7\xce" + content
        if flag in (0, 3):
            rows.append(_row(parts))
            parts = None
    if parts is not None:
        raise ValueError("ends within a record")
    return rows


def csv(body: bytes) -> Rows:
    rows = list(_cells(_text(body).rstrip(" \t\r\n")))
    while rows and all(not cell.strip(" \t") for cell in rows[-1]):
        rows.pop()
    return [[_number(cell.strip(" \t")) for cell in cells] for cells in rows]


def json_lines(body: bytes) -> Rows:
    lines = [line for line in _text(body).split("\n") if line.strip()]
    try:
        values = [_json(line) for line in lines]
    except ValueError:
        return _document(_json("\n".join(lines)))
    return _document(values[0]) if len(values) == 1 else [_instance(value) for value in values]


def npy(body: bytes) -> Rows:
    try:
        array = np.load(io.BytesIO(body), allow_pickle=False)
        return _floats(np.atleast_2d(array).astype(np.float32)) if isinstance(array, np.ndarray) else _fail()
    except (Exception, MemoryError) as error:
        raise ValueError(str(error)) from error


def _fail() -> Any:
    raise ValueError


def _floats(array: Any) -> Rows:
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ValueError("no matrix of finite numbers")
    return array.tolist()


def _fields(message: bytes) -> Iterator[tuple[int, int, Any]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = _varint(message, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            value, at = message[at : at + size], at + size
        elif wire == 2:
            size, at = _varint(message, at)
            value, at = message[at : at + size], at + size
        else:
            raise ValueError("no wire type")
        if at > len(message) or not number:
            raise ValueError("cut off")
        yield number, wire, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place in range(10):
        if at + place >= len(message):
            raise ValueError("a varint is cut off")
        number += (message[at + place] % 128) << (7 * place)
        if message[at + place] < 128:
            return number, at + place + 1
    raise ValueError("a varint is too long")


def _row(message: bytes) -> list[float]:
    found = [
        {number: value for number, _, value in _fields(entry)} for number, _, entry in _fields(message) if number == 1
    ]
    (entry,) = found
    if entry.get(1) != b"values":
        raise ValueError("not the feature")
    (kind, tensor), *_ = [(number, value) for number, _, value in _fields(entry[2]) if number in (2, 3, 7)]
    values: list[float] = []
    keys: list[int] = []
    shape: list[int] = []
    for number, wire, value in _fields(tensor):
        if number == 1:
            values += _values(kind, wire, value)
        elif number in (2, 3):
            (keys if number == 2 else shape).extend(_packed(value) if wire == 2 else [value])
    size = math.prod(shape) if shape else len(values)
    if size > 1 << 24 or not size:
        raise ValueError("no width")
    row = np.zeros(size, np.float32)
    places = keys if keys else range(len(values))
    for place, value in zip(places, values, strict=True):
        with np.errstate(over="ignore"):
            row[place] = np.float32(value)
    if not np.isfinite(row).all() or (not keys and values and len(values) != size):
        raise ValueError("no row")
    return row.tolist()


def _values(kind: int, wire: int, value: Any) -> list[float]:
    if kind == 7:
        whole = _packed(value) if wire == 2 else [value]
        return [float(struct.unpack("<i", struct.pack("<I", number % (1 << 32)))[0]) for number in whole]
    letter, size = ("f", 4) if kind == 2 else ("d", 8)
    if len(value) % size:
        raise ValueError("no whole number of values")
    return list(struct.unpack(f"<{len(value) // size}{letter}", value))


def _packed(message: bytes) -> list[int]:
    numbers, at = [], 0
    while at < len(message):
        number, at = _varint(message, at)
        numbers.append(number)
    return numbers


def _text(body: bytes) -> str:
    for mark, charset in (
        (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")
    ):  # fmt: skip
        if body.startswith(mark):
            return body[len(mark) :].decode(charset)
    return body.decode()


def _cells(text: str) -> Iterator[list[str]]:
    """RFC 4180, a letter at a time: LF, CRLF or CR end a row."""
    cells, cell, state = [], "", "start"
    for letter in text.replace("\r\n", "\n").replace("\r", "\n"):
        if state == "quoted":
            state, cell = ("quote", cell) if letter == '"' else (state, cell + letter)
        elif state == "quote" and letter == '"':
            state, cell = "quoted", cell + letter
        elif letter == '"' and state == "start":
            state = "quoted"
        elif letter in ",\n":
            cells, cell, state = [*cells, cell], "", "start"
            if letter == "\n":
                yield cells
                cells = []
        elif state == "quote":
            raise ValueError("a quote within a cell")
        else:
            state, cell = "plain", cell + letter
    if state == "quoted":
        raise ValueError("a quote is not ended")
    if cells or cell:
        yield [*cells, cell]


def _number(cell: str) -> float:
    if not cell or set(cell) - set("0123456789+-.eE"):
        raise ValueError("no number")
    return _finite(float(cell))


def _finite(number: float) -> float:
    with np.errstate(over="ignore"):
        narrow = float(np.float32(number))
    if not math.isfinite(narrow):
        raise ValueError("not finite")
    return narrow


def _json(text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=once)


def _document(value: Any) -> Rows:
    if isinstance(value, dict) and isinstance(value.get("instances"), list):
        return _document(value["instances"])
    if isinstance(value, list) and not (value and all(type(each) in (int, float) for each in value)):
        return [_instance(each) for each in value]
    return [_instance(value)]


def _instance(value: Any) -> list[float]:
    for wrapper in ("data", "features"):
        if isinstance(value, dict) and wrapper in value:
            value = value[wrapper]
    if isinstance(value, list):
        value = {"values": value}
    numbers = [_finite(each) if type(each) in (int, float) else _fail() for each in value.get("values", [])]
    if "shape" not in value or not value["shape"]:
        return numbers or _fail()
    row = [0.0] * min(math.prod(value["shape"]), 1 << 24)
    for place, number in zip(value.get("keys") or range(len(numbers)), numbers, strict=True):
        row[place] = number
    return row
