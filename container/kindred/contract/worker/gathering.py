"""A request of declared length is gathered piece by piece; of a large body the most lies in a file nobody else sees."""

import io
import tempfile
from typing import IO, Any

from kindred.contract.worker.heads import Head

MOST_BYTES = 25 << 20
"""A body up to this size is gathered, which is as much as SageMaker sends in real time (contract line 100)."""

HELD_BYTES = 1 << 18
"""So much of it is held in memory, the rest in a file; a file is never written to by less."""

PIECE_BYTES = 1 << 18
"""The most that is taken at a time: then it is somebody else's turn."""


class Gathering:
    """A request whose `head` is here, but of its body `lacks` bytes; `rest` came behind the last of them.

    `due` is when it is to be answered, on the monotonic clock.
    """

    # No dataclass, as every small request makes one: that would take longer.
    __slots__ = ("_file", "_full", "_held", "due", "head", "lacks", "rest")

    def __init__(self, head: Head, piece: bytes, *, due: float) -> None:
        own = piece[: head.length]
        self.head = head
        self.due = due
        self.lacks = head.length - len(own)
        self.rest = piece[head.length :]
        self._held = io.BytesIO(own)
        self._file: Any = None
        self._full = False

    @property
    def wanted(self) -> int:
        """How many bytes are to be taken next; none of them belongs to another request."""
        return min(self.lacks, PIECE_BYTES)

    def add(self, piece: bytes) -> None:
        """Take in what has come, no more than is lacking."""
        self.lacks -= len(piece)
        self._held.seek(0, io.SEEK_END)
        self._held.write(piece)
        if self._held.tell() > HELD_BYTES and not self._full:
            self._lay_aside()

    def stream(self) -> IO[bytes]:
        """Return what is here of the body, from its first byte; nothing more can be added then."""
        self._held.seek(0)
        if self._file is None:
            return self._held
        self._file.seek(0)
        return io.BufferedReader(_Joined(self._file, self._held), HELD_BYTES)

    def close(self) -> None:
        """Give up the file."""
        if self._file is not None:
            self._file.close()

    def _lay_aside(self) -> None:
        held, written = self._held.getvalue(), 0
        try:
            if self._file is None:
                self._file = _unnamed()
            while written < len(held):
                written += self._file.write(memoryview(held)[written:])
        except OSError:
            # No folder can be written to, or its disk is full: memory takes the rest.
            self._full = True
        self._held = io.BytesIO(held[written:])


def _unnamed() -> Any:
    return tempfile.TemporaryFile(buffering=0)


class _Joined(io.RawIOBase):
    """What is in the file, then what is held."""

    def __init__(self, file: Any, held: io.BytesIO) -> None:
        self._parts = (file, held)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return next((size for part in self._parts if (size := part.readinto(buffer))), 0)
