"""What a program says, kept where it can be read while the program goes on."""

import os
import tempfile
import weakref
from pathlib import Path


class Log:
    """A file for stdout and stderr: at `path`, or without a name, so that nobody has to remove it.

    Pass it to `subprocess` as it is; it closes itself when nobody holds it any more.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            self._handle, name = tempfile.mkstemp(prefix="kindred-testing-")
            Path(name).unlink()
        else:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        weakref.finalize(self, os.close, self._handle)

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._handle

    def text(self) -> str:
        """Return what was said so far."""
        return os.pread(self._handle, os.fstat(self._handle).st_size, 0).decode(errors="replace")
