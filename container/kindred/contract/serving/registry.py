"""Which models of a multi-model endpoint are loaded: a folder that all workers share (contract lines 137-144).

A model is a file in it. Who has the model open holds a shared lock on its file, which the kernel lets go of when its
holder dies; so an exclusive lock says that nobody has it open any more.
"""

import contextlib
import fcntl
import hashlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

_LOCK = ".lock"
_MODEL = ".model"
_BELL = ".bell"
_PAUSE_S = 0.002


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A loaded model: its name, opaque to us, its folder, and the bytes that it fills."""

    name: str
    url: str
    bytes: int


class Lease:
    """An open entry, locked against being freed until it is closed; `serial` tells apart two loads of one name."""

    def __init__(self, handle: int, entry: Entry) -> None:
        self._handle = handle
        self.entry = entry
        self.serial = _serial(os.fstat(handle))

    def close(self) -> None:
        """Let go."""
        os.close(self._handle)


class Registry:
    """The folder, as every worker sees it. Only `alone` makes a look and a change one step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else from changing what is loaded."""
        with (self._folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def entries(self) -> list[Entry]:
        """Return all that is loaded, by name."""
        found = []
        for file in self._folder.glob(f"*{_MODEL}"):
            with contextlib.suppress(FileNotFoundError):
                found.append(msgspec.json.decode(file.read_bytes(), type=Entry))
        return sorted(found, key=lambda entry: entry.name)

    def entry(self, name: str) -> Entry | None:
        """Return what is loaded under a name, or None."""
        try:
            return msgspec.json.decode(self._file(name).read_bytes(), type=Entry)
        except FileNotFoundError:
            return None

    def serial(self, name: str) -> int | None:
        """Return the serial of what is loaded under a name now, or None."""
        try:
            return _serial(self._file(name).stat())
        except FileNotFoundError:
            return None

    def add(self, entry: Entry) -> None:
        """Enter a model, which from now on every worker finds."""
        file = self._file(entry.name)
        aside = file.with_suffix(f".{os.getpid()}")
        aside.write_bytes(msgspec.json.encode(entry))
        aside.rename(file)

    def lease(self, name: str) -> Lease | None:
        """Return a hold on what is loaded under a name, or None."""
        try:
            handle = os.open(self._file(name), os.O_RDONLY)
        except FileNotFoundError:
            return None
        fcntl.flock(handle, fcntl.LOCK_SH)
        lease = Lease(handle, msgspec.json.decode(os.pread(handle, 1 << 20, 0), type=Entry))
        if self.serial(name) == lease.serial:
            return lease
        lease.close()
        return None

    def remove(self, name: str) -> int:
        """Take a model out, and return its file, still open, for `await_freed`. Raises FileNotFoundError."""
        file = self._file(name)
        handle = os.open(file, os.O_RDONLY)
        file.unlink()
        return handle

    def await_freed(self, handle: int, *, patience_s: float) -> bool:
        """Return whether nobody has the removed model open any more, as soon as that is so; close its file."""
        end = time.monotonic() + patience_s
        try:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() > end:
                        return False
                    time.sleep(_PAUSE_S)
                else:
                    return True
        finally:
            os.close(handle)

    def bell(self) -> socket.socket:
        """Return a socket of this worker's that `ring` reaches."""
        ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        file = self._folder / f"{os.getpid()}{_BELL}"
        file.unlink(missing_ok=True)
        ear.bind(str(file))
        return ear

    def ring(self) -> None:
        """Wake every worker that has a bell: a model was removed."""
        for file in self._folder.glob(f"*{_BELL}"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
                mouth.settimeout(0)
                try:
                    mouth.sendto(b"!", str(file))
                except ConnectionRefusedError:
                    file.unlink(missing_ok=True)  # its worker is dead
                except (BlockingIOError, FileNotFoundError):
                    continue  # enough of them wait there already, or it has just gone

    def _file(self, name: str) -> Path:
        # Any text may be a name, and few of them are names of files.
        return self._folder / (hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest() + _MODEL)


def _serial(stat: os.stat_result) -> int:
    return hash((stat.st_ino, stat.st_mtime_ns))
