"""Records one after another that differ in nothing but their numbers: a matrix with gaps, read by one strided view.

Whoever writes dense rows of one width writes such runs; a record's structure is in the bytes that are equal, so the
numbers need no parsing.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Lane:
    """The bytes [start, stop) of the first record that may differ, and the dtype of the numbers there.

    Of dtype uint8 are varints of one byte, which must stay below 128.
    """

    start: int
    stop: int
    dtype: np.dtype[Any]


def run(view: memoryview, start: int, stop: int, *, lanes: list[Lane]) -> int:
    """Return how many frames, the one in view[start:stop] first, equal it byte for byte outside the lanes."""
    if not _begins(view, start, stop, lanes):
        return 1
    most = (len(view) - start) // (stop - start)
    known, block = 1, _FIRST
    while known < most:
        count = min(block, most - known)
        equal = _equal(view, start, stop, known=known, count=count, lanes=lanes)
        if not equal.all():
            return known + int(np.argmin(equal))
        known += count
        block = min(block * 4, _LARGEST)
    return most


def matrix(view: memoryview, lane: Lane, *, stride: int, count: int) -> NDArray[Any]:
    """Return the numbers of a lane in so many records as a view, (count, width) of the lane's dtype."""
    shape = (count, (lane.stop - lane.start) // lane.dtype.itemsize)
    return np.ndarray(shape, lane.dtype, buffer=view, offset=lane.start, strides=(stride, lane.dtype.itemsize))


_FIRST, _LARGEST = 4, 1 << 14


def _begins(view: memoryview, start: int, stop: int, lanes: list[Lane]) -> bool:
    """Whether the second frame is like the first, without NumPy, whose calls cost more than one record."""
    stride = stop - start
    if stop + stride > len(view):
        return False
    alike = (view[first:end] == view[first + stride : end + stride] for first, end in _between(start, stop, lanes))
    small = (max(view[lane.start + stride : lane.stop + stride]) < 128 for lane in lanes if lane.dtype == np.uint8)
    return all(alike) and all(small)


def _equal(view: memoryview, start: int, stop: int, *, known: int, count: int, lanes: list[Lane]) -> NDArray[np.bool_]:
    stride = stop - start
    equal = np.ones(count, np.bool_)
    for first, end in _between(start, stop, lanes):
        given = Lane(start=first + known * stride, stop=end + known * stride, dtype=np.dtype(np.uint8))
        equal &= (matrix(view, given, stride=stride, count=count) == np.frombuffer(view[first:end], np.uint8)).all(1)
    for lane in lanes:
        if lane.dtype == np.uint8:
            given = Lane(start=lane.start + known * stride, stop=lane.stop + known * stride, dtype=lane.dtype)
            equal &= (matrix(view, given, stride=stride, count=count) < 128).all(1)
    return equal


def _between(start: int, stop: int, lanes: list[Lane]) -> list[tuple[int, int]]:
    ordered = sorted((lane.start, lane.stop) for lane in lanes)
    begins = [start, *(end for _, end in ordered)]
    ends = [*(first for first, _ in ordered), stop]
    return [(first, end) for first, end in zip(begins, ends, strict=True) if first < end]
