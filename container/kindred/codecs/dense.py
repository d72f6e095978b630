"""Values, keys and a shape become a dense row (contract lines 178, 179)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError

LARGEST = float(np.finfo(np.float32).max)
"""The greatest number that float32 holds."""

WIDEST = 1 << 24
"""Numbers in a row: far more than any feature_dim, and few enough that one shape does not fill the memory."""

MOST = 1 << 28
"""Numbers that the sparse rows of one body may spread to, 1 GiB as float32: a few bytes can ask for any amount."""


def row(
    values: NDArray[Any], *, keys: NDArray[np.uint64], shape: Sequence[int], width: int | None = None
) -> NDArray[np.float32]:
    """Return the row, float32 (d,); what float32 cannot hold is an infinity.

    Without keys the values are the row, or the row is all zeros where there is a shape alone; with keys each value
    stands at its key, in any order, and 0 elsewhere. The shape is [d], or [rows, columns] in row-major order.

    Raises UserError where these contradict each other, where there is no number, and where d is not `width`, if given.
    """
    if not len(shape):
        if len(keys):
            raise UserError("a sparse row needs a shape beside its keys")
        _require_width(len(values), width)
        return narrow(values)
    size = _size(shape)
    _require_width(size, width)
    if not len(keys) and len(values):
        if size != len(values):
            raise UserError(f"{len(values)} values without keys stand beside a shape of {size} numbers")
        return narrow(values)
    return _spread(values, keys, size)


def narrow(values: NDArray[Any]) -> NDArray[np.float32]:
    """Return the values as float32; what is out of its range becomes an infinity, for the caller to refuse."""
    if values.dtype == np.float32:
        return values
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32)


def unbounded(matrix: NDArray[np.float32]) -> int | None:
    """Return the number of the first row of (n, d) that holds a NaN or an infinity, or None."""
    for start in range(0, len(matrix), _BLOCK):
        finite = np.isfinite(matrix[start : start + _BLOCK]).all(axis=1)
        if not finite.all():
            return start + int(np.argmin(finite))
    return None


_BLOCK = 1 << 14


def _size(shape: Sequence[int]) -> int:
    if len(shape) > 2:
        raise UserError(f"the shape has {len(shape)} dimensions; expected [d] or [rows, columns]")
    # Python's integers do not overflow.
    size = int(shape[0]) * int(shape[-1] if len(shape) == 2 else 1)
    if not 0 < size <= WIDEST:
        raise UserError(f"the shape {list(shape)} has {size} numbers; expected 1 to {WIDEST}")
    return size


def _require_width(size: int, width: int | None) -> None:
    if not size:
        raise UserError("the row holds no numbers")
    if width is not None and size != width:
        raise UserError(f"the row has {size} numbers; expected {width}")


def _spread(values: NDArray[Any], keys: NDArray[np.uint64], size: int) -> NDArray[np.float32]:
    if len(keys) != len(values):
        raise UserError(f"{len(keys)} keys stand beside {len(values)} values")
    spread = np.zeros(size, np.float32)
    if not len(keys):
        return spread
    if int(keys.max()) >= size:
        raise UserError(f"the key {int(keys.max())} is outside the shape, whose last key is {size - 1}")
    if (keys[1:] <= keys[:-1]).any() and len(np.unique(keys)) < len(keys):
        raise UserError("a key stands twice in the row")
    spread[keys] = narrow(values)
    return spread
