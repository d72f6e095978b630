"""Files without a name, for what is too large for the memory: gone when nobody holds them any more."""

import errno
import mmap
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kindred.errors import UserError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Scratch:
    """A file in the folder that TMPDIR names, or else in the system's; it has no name, so nothing of it is left."""

    def __init__(self) -> None:
        with full_disk_told(0):
            self._descriptor, name = tempfile.mkstemp(prefix="kindred-")
        weakref.finalize(self, os.close, self._descriptor)
        Path(name).unlink()
        self.size = 0

    def write(self, content: bytes | memoryview) -> None:
        """Append the bytes. Raises UserError where the disk is full; it says how much was needed by then."""
        view = memoryview(content).cast("B")
        needed = self.size + len(view)
        while self.size < needed:
            with full_disk_told(needed):
                self.size += os.write(self._descriptor, view[self.size - needed :])

    def copy(self, stream: IO[bytes]) -> None:
        """Append all that is left of a stream. Raises UserError as `write`."""
        while piece := stream.read(1 << 22):
            self.write(piece)

    def mapped(self) -> mmap.mmap:
        """Return the bytes, at least one, mapped to be read; the mapping outlives this value."""
        return mmap.mmap(self._descriptor, 0, access=mmap.ACCESS_READ)

    @property
    def path(self) -> str:
        """Under which the bytes can be opened, from the start, as long as this value lives."""
        return f"/proc/self/fd/{self._descriptor}"


@contextmanager
def full_disk_told(needed: int) -> Iterator[None]:
    """Raise UserError where the scratch disk is full, with the bytes that were needed by then."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        folder = tempfile.gettempdir()
        free = shutil.disk_usage(folder).free
        raise UserError(
            f"the scratch disk is full: {needed:,} bytes were needed so far, and {free:,} are free; give "
            "the instance a larger volume or more memory, or let TMPDIR name a folder on a larger disk",
            at=folder,
        ) from error
