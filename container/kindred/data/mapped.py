"""Rows on a disk, mapped: what is taken of them is a copy, and the pages it came from are let go."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

PAGE_BYTES = mmap.PAGESIZE

ROWS_AT_ONCE = 64
"""Single rows that are taken before their pages are let go: the kernel may map 2 MiB around each."""


class Mapped(np.ndarray):
    """An array (n, d), read-only, over a mapped file. Indexing gives plain arrays, so that a pass over a file of any
    size holds a piece of it; the kernel keeps what it likes of the rest, outside of this process.
    """

    _map: mmap.mmap | None = None
    _begin = 0

    def __getitem__(self, key: Any) -> Any:
        plain = self.view(np.ndarray)
        if isinstance(key, np.ndarray) and key.dtype.kind == "i" and key.ndim == 1:
            return self._taken(plain, key)
        taken = np.array(plain[key])
        if isinstance(key, slice):
            begin, end, _ = key.indices(len(self))
            self._let_go(begin, end)
        return taken

    def _taken(self, plain: NDArray[Any], numbers: NDArray[Any]) -> NDArray[Any]:
        taken = np.empty((len(numbers), *self.shape[1:]), self.dtype)
        for begin in range(0, len(numbers), ROWS_AT_ONCE):
            few = numbers[begin : begin + ROWS_AT_ONCE]
            taken[begin : begin + ROWS_AT_ONCE] = plain[few]
            least, most = int(few.min()), int(few.max())
            self._let_go(*((least, most + 1) if least >= 0 else (0, len(self))))
        return taken

    def __array_wrap__(self, array: NDArray[Any], context: Any = None, return_scalar: bool = False) -> Any:  # noqa: FBT001, FBT002 - NumPy's
        plain = array.view(np.ndarray)
        return plain[()] if return_scalar else plain

    def _let_go(self, begin: int, end: int) -> None:
        if self._map is None or end <= begin:
            return
        first = (self._begin + begin * self.strides[0]) // PAGE_BYTES * PAGE_BYTES
        self._map.madvise(mmap.MADV_DONTNEED, first, self._begin + end * self.strides[0] - first)


def mapped(rows: NDArray[Any], file: mmap.mmap, *, begin: int) -> NDArray[Any]:
    """Return the rows (n, d), C-ordered, that lie in the mapped file from byte `begin` on, as Mapped."""
    found = rows.view(Mapped)
    found._map, found._begin = file, begin
    return found
