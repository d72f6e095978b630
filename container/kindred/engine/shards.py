"""Rows in shards: what a pass asks of them, wherever they lie; and those that lie on this host."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kindred.engine.pool import Pool
from kindred.engine.sums import row_shards, total

Rows = NDArray[np.float32]
Sums = Callable[[Rows], Sequence[NDArray[Any]]]

PIECE_ROWS = 8192
"""Rows that a task is given at a time."""
UNIQUE_ROWS = 1 << 14
"""Rows that are compared at a time, at least."""


class Shards(Protocol):
    """Rows float32 (n, d), numbered from 0 over all shards. No shard learns that there are others."""

    @property
    def count(self) -> int:
        """The number of rows, n."""

    @property
    def width(self) -> int:
        """The numbers of a row, d; 0 where there are no rows."""

    def take(self, numbers: NDArray[np.int64]) -> Rows:
        """Return copies of the rows of these numbers, float32 (m, d), in order of their numbers."""

    def total(self, task: Sums, *, pool: Pool) -> tuple[NDArray[np.float64], ...]:
        """Return the sums, float64, of the arrays that `task` returns for every piece of rows float32 (m, d).

        A task is a function of a module, or a partial of one: it may be sent to another host.
        """

    def different(self, most: int) -> Rows:
        """Return rows of different value, float32 (m, d): at most `most`, fewer where no more differ."""


@dataclass(frozen=True)
class Local:
    """Shards float32 (n_i, d) in the memory of this host, or on its disk; of none only `count` and `width` hold."""

    arrays: Sequence[Rows]

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(len(shard) for shard in self.arrays)

    @property
    def width(self) -> int:
        """The numbers of a row."""
        return self.arrays[0].shape[1] if self.arrays else 0

    def take(self, numbers: NDArray[np.int64]) -> Rows:
        """Return copies of the rows of these numbers, float32 (m, d), in order of their numbers."""
        wanted = np.sort(numbers)
        ends = np.cumsum([len(shard) for shard in self.arrays])
        cuts = np.searchsorted(wanted, ends)
        parts = [
            shard[wanted[begin:end] - (last - len(shard))]
            for shard, begin, end, last in zip(self.arrays, [0, *cuts[:-1]], cuts, ends, strict=True)
            if end > begin
        ]
        return np.concatenate(parts) if parts else self.arrays[0][:0]

    def total(self, task: Sums, *, pool: Pool) -> tuple[NDArray[np.float64], ...]:
        """Return the sums, float64, of the arrays that `task` returns for every piece of PIECE_ROWS rows."""
        pieces = [(rows, piece) for rows in self.arrays for piece in row_shards(len(rows), rows=PIECE_ROWS)]
        return total(partial(_of_piece, task), pieces, pool=pool)

    def different(self, most: int) -> Rows:
        """Return rows of different value, float32 (m, d): at most `most`, fewer where no more differ."""
        found, step = self.arrays[0][:0], max(most, UNIQUE_ROWS)
        for shard in self.arrays:
            for begin in range(0, len(shard), step):
                if len(found) >= most:
                    return found[:most]
                found = np.unique(np.concatenate([found, shard[begin : begin + step]]), axis=0)
        return found[:most]


def _of_piece(task: Sums, piece: tuple[Rows, slice]) -> Sequence[NDArray[Any]]:
    rows, part = piece
    return task(rows[part])
