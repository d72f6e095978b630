"""RecordIO frames, and arrays as the protobuf records that the built-in algorithms read."""

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = 0xCED7230A


def wrapped(payload: bytes) -> bytes:
    """Return one record: magic word, length, payload, padding to four bytes.

    >>> wrapped(b"abcde").hex(" ", 4)
    '0a23d7ce 05000000 61626364 65000000'
    """
    return struct.pack("<II", MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def records(rows: "NDArray[np.floating]") -> bytes:
    """Return the rows (n, d) as n framed protobuf records with a float32 tensor `values` each."""
    return b"".join(wrapped(_record(row.astype("<f4").tobytes())) for row in rows)


def _record(values: bytes) -> bytes:
    """aialgs.data.Record, inside out: packed floats, tensor, value, entry of the map, field 1 of the record."""
    tensor = _field(1, values)
    value = _field(2, tensor)
    return _field(1, _field(1, b"values") + _field(2, value))


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low]) if not rest else bytes([low | 0x80]) + _varint(rest)
