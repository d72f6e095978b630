"""The three numeric tensors of aialgs.data, dense or sparse, as messages and as rows (contract lines 177 to 181)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import dense, wire
from kindred.errors import UserError

_VALUES, _KEYS, _SHAPE = 1, 2, 3


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A tensor that Value may hold: its field there, how it is called, and how its values are stored."""

    field: int
    name: str
    wire: int
    dtype: np.dtype[Any]


FLOAT32 = Kind(field=2, name="Float32Tensor", wire=wire.FIXED32, dtype=np.dtype("<f4"))
FLOAT64 = Kind(field=3, name="Float64Tensor", wire=wire.FIXED64, dtype=np.dtype("<f8"))
INT32 = Kind(field=7, name="Int32Tensor", wire=wire.VARINT, dtype=np.dtype("<i4"))
KINDS: Mapping[int, Kind] = {kind.field: kind for kind in (FLOAT32, FLOAT64, INT32)}

_BYTES = 9
_NONE = np.zeros(0, np.uint64)


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """Numbers as the record states them: `values` (entries,) of the kind's dtype, `keys` uint64, `shape` uint64.

    `span` is the first byte and the end of the values, where they lie in one piece.
    """

    kind: Kind
    values: NDArray[Any]
    keys: NDArray[np.uint64]
    shape: NDArray[np.uint64]
    span: tuple[int, int] | None


def decode(view: memoryview, start: int, stop: int) -> Tensor:
    """Return the tensor of the Value message in view[start:stop]. Raises UserError, `at` the byte."""
    found: tuple[Kind, int, int] | None = None
    for number, kind, value, end in wire.fields(view, start, stop):
        if number == _BYTES:
            raise UserError("the value is Bytes; expected a tensor of numbers", at=f"byte {value}")
        if number not in KINDS:
            continue
        if kind != wire.BYTES or found:
            raise UserError("the value holds a tensor twice, or not as a message", at=f"byte {value}")
        found = KINDS[number], value, end
    if not found:
        raise UserError(
            "the value holds no tensor; expected Float32Tensor, Float64Tensor or Int32Tensor", at=f"byte {start}"
        )
    return _tensor(view, *found)


def row(tensor: Tensor) -> NDArray[np.float32]:
    """Return the tensor as one row, float32 (d,); what float32 cannot hold is an infinity. Raises as `dense.row`."""
    return dense.row(tensor.values, keys=tensor.keys, shape=tensor.shape.tolist())


def encode(kind: Kind, values: NDArray[Any], *, keys: NDArray[Any] | None = None, shape: tuple[int, ...] = ()) -> bytes:
    """Return the Value message of such a tensor, packed; empty fields are left out."""
    packed = {_VALUES: _packed(kind, values), _KEYS: _varints([] if keys is None else keys), _SHAPE: _varints(shape)}
    tensor = b"".join(wire.written(number, content) for number, content in packed.items() if content)
    return wire.written(kind.field, tensor)


def _tensor(view: memoryview, kind: Kind, start: int, stop: int) -> Tensor:
    spans: dict[int, list[tuple[int, int]]] = {_VALUES: [], _KEYS: [], _SHAPE: []}
    wires = {_VALUES: kind.wire, _KEYS: wire.VARINT, _SHAPE: wire.VARINT}
    for number, form, value, end in wire.fields(view, start, stop):
        if number not in spans:
            continue
        if form not in (wire.BYTES, wires[number]):
            raise UserError(f"field {number} of the {kind.name} is not of its type", at=f"byte {value}")
        spans[number].append((value, end))
    values = spans[_VALUES]
    return Tensor(
        kind=kind,
        values=_numbers(view, values, kind),
        keys=_unsigned(view, spans[_KEYS]),
        shape=_unsigned(view, spans[_SHAPE]),
        span=values[0] if len(values) == 1 else None,
    )


def _numbers(view: memoryview, spans: list[tuple[int, int]], kind: Kind) -> NDArray[Any]:
    if kind is INT32:
        return wire.signed32(_unsigned(view, spans), at=spans[0][0] if spans else 0)
    for start, stop in spans:
        if (stop - start) % kind.dtype.itemsize:
            raise UserError(f"{stop - start} bytes are no whole number of {kind.dtype.name} values", at=f"byte {start}")
    return np.frombuffer(_piece(view, spans), kind.dtype)


def _unsigned(view: memoryview, spans: list[tuple[int, int]]) -> NDArray[np.uint64]:
    if not spans:
        return _NONE
    if len(spans) == 1:
        return wire.varints(view, *spans[0])
    try:
        piece = memoryview(_piece(view, spans))
        return wire.varints(piece, 0, len(piece))
    except UserError as error:
        error.at = f"byte {spans[0][0]}"
        raise


def _piece(view: memoryview, spans: list[tuple[int, int]]) -> bytes | memoryview:
    """Packed or one by one, and in any number of pieces, the bytes of repeated numbers are the same."""
    if len(spans) == 1:
        return view[slice(*spans[0])]
    return b"".join(view[start:stop] for start, stop in spans)


def _packed(kind: Kind, values: NDArray[Any]) -> bytes:
    return _varints(values) if kind is INT32 else np.asarray(values, kind.dtype).tobytes()


def _varints(numbers: NDArray[Any] | list[int] | tuple[int, ...]) -> bytes:
    return b"".join(wire.encoded(int(number)) for number in numbers)
