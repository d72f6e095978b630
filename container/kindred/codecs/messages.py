"""The Record message of aialgs.data: maps of tensors, and what it says of itself (contract line 177)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import recordio, tensors, wire
from kindred.codecs.tensors import FLOAT32, FLOAT64, INT32, Kind, Tensor
from kindred.errors import UserError

_FEATURES, _LABEL, _UID, _METADATA = 1, 2, 3, 4
_KEY, _VALUE = 1, 2


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record as it is written; names are the keys of its maps."""

    features: Mapping[str, Tensor]
    label: Mapping[str, Tensor]
    uid: str | None
    metadata: str | None


def decode(view: memoryview, start: int, stop: int) -> Record:
    """Return the Record message in view[start:stop]; its fields and maps in any order, unknown fields passed over.

    Raises UserError, `at` the byte, for what is no such message, and for a name that a map holds twice.
    """
    maps: dict[int, dict[str, Tensor]] = {_FEATURES: {}, _LABEL: {}}
    texts: dict[int, str] = {}
    for number, form, value, end in wire.fields(view, start, stop):
        if number > _METADATA:
            continue
        if form != wire.BYTES:
            raise UserError(f"field {number} of the record is not of its type", at=f"byte {value}")
        if number in maps:
            _enter(maps[number], view, value, end)
        else:
            texts[number] = _text(view, value, end)
    return Record(features=maps[_FEATURES], label=maps[_LABEL], uid=texts.get(_UID), metadata=texts.get(_METADATA))


def encode(features: Mapping[str, NDArray[Any]], label: Mapping[str, NDArray[Any]]) -> bytes:
    """Return a framed record a row of the arrays, (n,) or (n, d) each, dense; the names of a map are sorted.

    float32 and float64 keep their kind, integers become Int32Tensor. Raises UserError for other dtypes, and for
    integers out of the range of int32.
    """
    columns = [
        _column(field, name, arrays[name])
        for field, arrays in ((_FEATURES, features), (_LABEL, label))
        for name in sorted(arrays)
    ]
    if all(column.kind is not INT32 for column in columns):
        return _alike(columns)
    count = len(columns[0].matrix)
    return recordio.encode(b"".join(_row(column, column.matrix[i]) for column in columns) for i in range(count))


def sparse(name: str, keys: NDArray[Any], values: NDArray[Any], *, width: int) -> bytes:
    """Return the Record of one sparse feature. Raises UserError as `encode`."""
    column = _column(_FEATURES, name, values)
    return _entry(column, tensors.encode(column.kind, column.matrix[:, 0], keys=keys, shape=(width,)))


@dataclass(frozen=True, kw_only=True)
class _Column:
    """What every record holds under one name of one map; matrix: (n, d)."""

    field: int
    name: str
    kind: Kind
    matrix: NDArray[Any]


def _alike(columns: list[_Column]) -> bytes:
    """Records of floats have all their bytes in common but the numbers: they are laid out once, side by side."""
    parts: list[NDArray[np.uint8]] = []
    count = len(columns[0].matrix) if columns else 0
    for column in columns:
        numbers = np.ascontiguousarray(column.matrix, column.kind.dtype)
        width = numbers.shape[1] * numbers.itemsize
        zeros = _row(column, np.zeros(numbers.shape[1], numbers.dtype))
        parts += [_repeated(zeros[: len(zeros) - width], count), numbers.view(np.uint8).reshape(count, width)]
    length = sum(part.shape[1] for part in parts)
    around = (_repeated(recordio.header(length), count), *parts, _repeated(recordio.padding(length), count))
    return np.concatenate(around, axis=1).tobytes()


def _repeated(content: bytes, count: int) -> NDArray[np.uint8]:
    return np.broadcast_to(np.frombuffer(content, np.uint8), (count, len(content)))


def _row(column: _Column, values: NDArray[Any]) -> bytes:
    return _entry(column, tensors.encode(column.kind, values))


def _entry(column: _Column, value: bytes) -> bytes:
    return wire.written(column.field, wire.written(_KEY, column.name.encode()) + wire.written(_VALUE, value))


def _column(field: int, name: str, array: NDArray[Any]) -> _Column:
    matrix = array[:, None] if array.ndim == 1 else array
    floats = {np.dtype(np.float32): FLOAT32, np.dtype(np.float64): FLOAT64}
    if matrix.dtype in floats:
        return _Column(field=field, name=name, kind=floats[matrix.dtype], matrix=matrix)
    if matrix.dtype.kind not in "iu":
        raise UserError(f"records hold float32, float64 or integers, not {matrix.dtype}")
    if matrix.size and (matrix.min() < -(2**31) or matrix.max() >= 2**31):
        raise UserError("records hold integers of 32 bits, and one is out of their range")
    return _Column(field=field, name=name, kind=INT32, matrix=matrix)


def _enter(entries: dict[str, Tensor], view: memoryview, start: int, stop: int) -> None:
    spans: dict[int, tuple[int, int]] = {}
    for number, form, first, end in wire.fields(view, start, stop):
        if number not in (_KEY, _VALUE):
            continue
        if form != wire.BYTES or number in spans:
            raise UserError(f"field {number} of the map stands twice, or is not of its type", at=f"byte {first}")
        spans[number] = first, end
    name = _text(view, *spans[_KEY]) if _KEY in spans else ""
    if _VALUE not in spans:
        raise UserError(f"the map names '{name[:40]}' and holds no value for it", at=f"byte {start}")
    if name in entries:
        raise UserError(
            f"the record names '{name[:40]}' twice; records without frames are sent one at a time", at=f"byte {start}"
        )
    entries[name] = tensors.decode(view, *spans[_VALUE])


def _text(view: memoryview, start: int, stop: int) -> str:
    try:
        return str(view[start:stop], "utf-8")
    except UnicodeDecodeError:
        raise UserError("a text of the record is not UTF-8", at=f"byte {start}") from None
