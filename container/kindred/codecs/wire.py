"""Protobuf's wire format: a message is a row of fields, each a number, a wire type and a value.

https://protobuf.dev/programming-guides/encoding
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

Field = tuple[int, int, int, int]
"""Number, wire type, and the first byte and the end of the value (of the varint itself, where it is one)."""

_SIZES = {FIXED64: 8, FIXED32: 4}
_MORE = 0x80
_LONGEST = 10
# Negative int32 are written as int64; some writers leave it at 32 bits.
_UNSIGNED, _NEGATIVE = 2**32 - 1, 2**64 - 2**31


def fields(view: memoryview, start: int, stop: int) -> Iterator[Field]:
    """Yield the fields of the message in view[start:stop], in order. Raises UserError, `at` the byte."""
    at = start
    while at < stop:
        tag, value = varint(view, at, stop)
        number, wire = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise UserError(f"the bytes are no protobuf: a field has the number {number}", at=f"byte {at}")
        if wire == BYTES:
            length, value = varint(view, value, stop)
            end = value + length
        elif wire == VARINT:
            _, end = varint(view, value, stop)
        elif wire in _SIZES:
            end = value + _SIZES[wire]
        else:
            raise UserError(
                f"the bytes are no protobuf that we read: field {number} has wire type {wire}", at=f"byte {at}"
            )
        if end > stop:
            raise UserError(f"field {number} needs {end - value} bytes, and {stop - value} are left", at=f"byte {at}")
        yield number, wire, value, end
        at = end


def varint(view: memoryview, at: int, stop: int) -> tuple[int, int]:
    """Return the unsigned number whose varint begins at byte `at`, and its end. Raises UserError, `at` the byte."""
    if at < stop and view[at] < _MORE:
        return view[at], at + 1
    number = 0
    for place, byte in enumerate(view[at : min(stop, at + _LONGEST)]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < _MORE:
            if number >> 64:
                break
            return number, at + place + 1
    raise UserError("the bytes are no protobuf: a varint is cut off or has more than 64 bits", at=f"byte {at}")


def varints(view: memoryview, start: int, stop: int) -> NDArray[np.uint64]:
    """Return the numbers of the varints that fill view[start:stop], uint64. Raises UserError, `at` the byte."""
    try:
        return (_few if stop - start <= _FEW else _many)(view[start:stop])
    except _Broken:
        raise UserError("a packed varint is cut off or has more than 64 bits", at=f"byte {start}") from None


def signed32(numbers: NDArray[np.uint64], *, at: int) -> NDArray[np.int32]:
    """Return the int32 of each varint. Raises UserError, `at` the byte, where one is out of their range."""
    if ((numbers > np.uint64(_UNSIGNED)) & (numbers < np.uint64(_NEGATIVE))).any():
        raise UserError("a value of the Int32Tensor is out of the range of int32", at=f"byte {at}")
    return numbers.astype(np.uint32).view(np.int32)


def encoded(number: int) -> bytes:
    """Return the varint of a number of -2^63..2^64-1; negative ones in two's complement, as int32 is written."""
    rest = number % (1 << 64)
    row = bytearray()
    while rest >= _MORE:
        row.append(rest & 0x7F | _MORE)
        rest >>= 7
    row.append(rest)
    return bytes(row)


def written(number: int, value: bytes) -> bytes:
    """Return the field of this number that holds these bytes."""
    return encoded(number << 3 | BYTES) + encoded(len(value)) + value


class _Broken(ValueError):
    """A varint that is cut off or has more than 64 bits."""


# So many bytes a loop reads faster than NumPy's dozen calls do.
_FEW = 96
_PLACES = np.arange(_LONGEST)
_MASKS = np.where(np.arange(_LONGEST + 1)[:, None] > _PLACES, 0x7F, 0).astype(np.uint8)
_WEIGHTS = np.uint64(1) << (7 * _PLACES).astype(np.uint64)


def _few(raw: memoryview) -> NDArray[np.uint64]:
    numbers = []
    number = shift = 0
    for byte in raw:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < _MORE:
            if shift > 63 and (shift > 70 or number >> 64):
                raise _Broken
            numbers.append(number)
            number = shift = 0
    if shift:
        raise _Broken
    return np.array(numbers, np.uint64)


def _many(view: memoryview) -> NDArray[np.uint64]:
    raw = np.frombuffer(view, np.uint8)
    ends = (raw < _MORE).nonzero()[0]
    if len(ends) == len(raw):
        return raw.astype(np.uint64)
    if raw[-1] >= _MORE:
        raise _Broken
    begins = np.zeros_like(ends)
    np.add(ends[:-1], 1, out=begins[1:])
    lengths = ends - begins + 1
    longest = int(lengths.max())
    if longest > _LONGEST or (longest == _LONGEST and raw[ends[lengths == _LONGEST]].max() > 1):
        raise _Broken
    parts = raw.take(begins[:, None] + _PLACES[:longest], mode="clip") & _MASKS[lengths, :longest]
    return parts.astype(np.uint64) @ _WEIGHTS[:longest]
