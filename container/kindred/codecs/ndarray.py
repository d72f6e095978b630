"""A list of NDArrays as MXNet saves it, which is how the built-in algorithms of SageMaker keep their models.

The bytes, all little-endian: a uint64 magic number and one that is reserved; the arrays, led by their number; their
names, led by their number, each as its length and its text. An array of version 1 to 3 begins with a uint32 magic
number of its own; an older one with the number of its dimensions (https://github.com/apache/mxnet, src/ndarray).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError

LIST = 0x112
VERSION_1, VERSION_2, VERSION_3 = 0xF993FAC8, 0xF993FAC9, 0xF993FACA

MOST_DIMENSIONS = 32
_DENSE = 0
_CONTEXT_BYTES = 8
_LEAST_BYTES = 4
"""What an array or a name takes at the least."""

_TYPES: Mapping[int, np.dtype[Any]] = {0: np.dtype("<f4"), 1: np.dtype("<f8"), 2: np.dtype("<f2")}


def decode(content: bytes) -> list[tuple[str, NDArray[Any]]]:
    """Return the arrays of the list with their names, "" where they have none: read-only views of the content.

    float16, float32 and float64 are read, dense. Raises UserError for what is no such list, or not the whole of it.
    """
    cursor = _Cursor(memoryview(content))
    magic, _ = cursor.take("<QQ") if len(content) >= 16 else (0, 0)
    if magic != LIST:
        raise UserError("the file is no list of NDArrays as MXNet saves it")
    arrays = [_array(cursor) for _ in range(cursor.count("arrays"))]
    names = [_name(cursor) for _ in range(cursor.count("names"))]
    if len(names) not in (0, len(arrays)):
        raise UserError(f"the list holds {len(arrays)} arrays and {len(names)} names")
    if cursor.left:
        raise UserError(f"the list goes on for {cursor.left} bytes after its end")
    return list(zip(names or [""] * len(arrays), arrays, strict=True))


@dataclass
class _Cursor:
    """A place in the content, which every read moves on; none leads outside it."""

    content: memoryview
    place: int = 0

    @property
    def left(self) -> int:
        """The bytes that have not been read."""
        return len(self.content) - self.place

    def bytes(self, size: int) -> memoryview:
        """Return the next `size` bytes. Raises UserError where there are fewer."""
        if size > self.left:
            raise UserError(f"the list of NDArrays ends early: {size} bytes were announced and {self.left} are left")
        self.place += size
        return self.content[self.place - size : self.place]

    def take(self, layout: str) -> tuple[int, ...]:
        """Return the next numbers of this layout. Raises UserError where the content ends within them."""
        return struct.unpack(layout, self.bytes(struct.calcsize(layout)))

    def count(self, noun: str) -> int:
        """Return how many follow. Raises UserError where so many cannot."""
        (count,) = self.take("<Q")
        if count * _LEAST_BYTES > self.left:
            raise UserError(f"the list announces {count} {noun} in {self.left} bytes")
        return count


def _array(cursor: _Cursor) -> NDArray[Any]:
    shape = _shape(cursor)
    if not shape:
        raise UserError("the list holds an array without a shape")
    cursor.bytes(_CONTEXT_BYTES)
    (kind,) = cursor.take("<i")
    dtype = _TYPES.get(kind)
    if dtype is None:
        raise UserError(f"the list holds an array of type {kind}; expected float32 (0), float64 (1) or float16 (2)")
    if any(size < 1 for size in shape):
        raise UserError(f"the list holds an array of shape {list(shape)}")
    return np.frombuffer(cursor.bytes(prod(shape) * dtype.itemsize), dtype).reshape(shape)


def _shape(cursor: _Cursor) -> tuple[int, ...]:
    (magic,) = cursor.take("<I")
    if magic in (VERSION_2, VERSION_3):
        (storage,) = cursor.take("<i")
        if storage != _DENSE:
            raise UserError("the list holds a sparse array; expected a dense one")
    if magic in (VERSION_1, VERSION_2, VERSION_3):
        (dimensions,) = cursor.take("<I")
        return cursor.take(f"<{_few(dimensions)}q")
    return cursor.take(f"<{_few(magic)}I")


def _few(dimensions: int) -> int:
    if dimensions > MOST_DIMENSIONS:
        raise UserError(f"the list holds an array of {dimensions} dimensions; expected at most {MOST_DIMENSIONS}")
    return dimensions


def _name(cursor: _Cursor) -> str:
    (size,) = cursor.take("<Q")
    return str(cursor.bytes(size), "utf-8", "replace")
