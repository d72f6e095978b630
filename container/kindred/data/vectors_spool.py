"""Rows that pass by once are kept: in memory as far as they fit, beyond that in a scratch file (decision 8)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kindred.data.mapped import Mapped, mapped
from kindred.data.scratch import Scratch

Rows = NDArray[np.float32]

SHARD_BYTES = 1 << 25
"""Smaller parts are joined to shards of at least this size."""

FEW_PARTS = 1 << 10
"""Parts that wait to be joined: an array of a single row weighs more than the row."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Shards float32 (n_i, d) in their order, none empty; `scratch_bytes` of them lie in a scratch file."""

    shards: tuple[Rows, ...]
    scratch_bytes: int


def kept(parts: Iterable[Rows], *, held_bytes: int) -> Kept:
    """Return the rows of all parts, float32 (m, d) each, of one width; at most `held_bytes` of them in memory.

    What is mapped already stays where it is. Raises UserError where the scratch disk is full.
    """
    spool = _Spool(held_bytes=held_bytes)
    for part in parts:
        spool.add(part)
    return spool.closed()


@dataclass
class _Spool:
    held_bytes: int
    shards: list[Rows] = field(default_factory=list)
    waiting: list[Rows] = field(default_factory=list)
    waiting_bytes: int = 0
    in_memory: int = 0
    scratch: Scratch | None = None
    width: int = 0

    def add(self, part: Rows) -> None:
        if isinstance(part, Mapped) and part.nbytes >= SHARD_BYTES:
            self._flush()
            self.shards.append(part)
            return
        self.waiting.append(part)
        self.waiting_bytes += part.nbytes
        if self.waiting_bytes >= SHARD_BYTES:
            self._flush()
        elif len(self.waiting) >= FEW_PARTS:
            self.waiting = [np.concatenate(self.waiting)]

    def closed(self) -> Kept:
        self._flush()
        if self.scratch is None:
            return Kept(shards=tuple(self.shards), scratch_bytes=0)
        file = self.scratch.mapped()
        rows = np.frombuffer(file, np.float32).reshape(-1, self.width)
        return Kept(shards=(*self.shards, mapped(rows, file, begin=0)), scratch_bytes=self.scratch.size)

    def _flush(self) -> None:
        waiting, self.waiting, self.waiting_bytes = self.waiting, [], 0
        if not waiting:
            return
        rows = np.ascontiguousarray(waiting[0] if len(waiting) == 1 else np.concatenate(waiting), np.float32)
        if self.scratch is None and self.in_memory + rows.nbytes <= self.held_bytes:
            self.shards.append(rows)
            self.in_memory += rows.nbytes
            return
        self.scratch = self.scratch or Scratch()
        self.width = rows.shape[1]
        self.scratch.write(memoryview(rows).cast("B"))
