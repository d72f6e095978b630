"""A value as bytes and back: a head of JSON, and its arrays as they lie in memory; nothing is unpickled."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.errors import Bug

Buffer = bytes | bytearray | memoryview

_ARRAY, _TYPE, _SHAPE = "array", "dtype", "shape"
_NUMBERS = "fiub"
"""The kinds of dtype that are sent: numbers and truth values."""


def packed(value: Any) -> list[Buffer]:
    """Return the parts of a message that holds None, numbers, text, lists, dictionaries by text, and arrays of numbers.

    Tuples become lists, numbers of numpy's become Python's. Raises Bug for anything else.
    """
    arrays: list[Buffer] = []

    def told(found: Any) -> Any:
        if isinstance(found, np.generic):
            return found.item()
        if not isinstance(found, np.ndarray) or found.dtype.kind not in _NUMBERS:
            raise Bug(f"a {type(found).__name__} cannot be sent to another host")
        arrays.append(_bytes(found))
        return {_ARRAY: len(arrays), _TYPE: found.dtype.str, _SHAPE: found.shape}

    return [json.dumps(value, default=told).encode(), *arrays]


def unpacked(parts: Sequence[bytearray]) -> Any:
    """Return the value that `packed` made these parts of; its arrays share their memory. Raises Bug for other parts."""

    def back(found: dict[str, Any]) -> Any:
        if found.keys() != {_ARRAY, _TYPE, _SHAPE}:
            return found
        return _array(parts[found[_ARRAY]], found[_TYPE], found[_SHAPE])

    try:
        return json.loads(parts[0], object_hook=back)
    except (ValueError, LookupError, TypeError) as error:
        raise Bug(f"another host sent what cannot be read: {error}") from error


def _bytes(array: NDArray[Any]) -> Buffer:
    whole = np.ascontiguousarray(array)
    return whole.data if whole.size else b""


def _array(content: bytearray, name: str, shape: list[int]) -> NDArray[Any]:
    dtype = np.dtype(name)
    if dtype.kind not in _NUMBERS:
        raise TypeError(f"an array of {name}")
    return np.frombuffer(content, dtype).reshape(shape)
