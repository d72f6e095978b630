"""Every pass over the data is a sum over shards."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kindred.engine.pool import Pool
from kindred.errors import Bug

Shard = TypeVar("Shard")


def total(
    task: Callable[[Shard], Sequence[NDArray[Any]]], shards: Iterable[Shard], *, pool: Pool
) -> tuple[NDArray[np.float64], ...]:
    """Return the element-wise sums, float64, of the arrays that task(shard) returns, over all shards.

    Every shard returns the same number of arrays, of the same shapes. The sum is taken in the order of the shards: its
    bits depend on the shards, not on the pool. Counts are exact below 2**53. Raises Bug where no shard is given.
    """
    parts = pool.stream(task, shards)
    first = next(parts, None)
    if first is None:
        raise Bug("a sum over no shards has no shape")
    sums = tuple(np.array(array, dtype=np.float64) for array in first)
    for part in parts:
        for accumulated, array in zip(sums, part, strict=True):
            accumulated += array
    return sums


def row_shards(n: int, *, rows: int) -> list[slice]:
    """Return slices of at most `rows` (1 or more) consecutive rows that cover 0..n once, in order; [] where n is 0."""
    return [slice(start, min(start + rows, n)) for start in range(0, n, rows)]
