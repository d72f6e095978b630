"""The earlier model that a job goes on from: the channel `model` as a folder, packed or not (contract line 49)."""

import contextlib
import gzip
import io
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO

from kindred.contract.port import Channel
from kindred.errors import UserError

CHANNEL = "model"
"""What SageMaker calls the channel of incremental training."""
ENDINGS = (".tar.gz", ".tgz", ".tar")
MOST_FILES = 10_000

_GZIP = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20


@contextlib.contextmanager
def unpacked(
    channels: Mapping[str, Channel], *, most_bytes: int, stopped: Callable[[], bool]
) -> Iterator[Mapping[str, Channel]]:
    """Give the channels, `model` among them with the folder of a tree: its own, or that of its tarball, unpacked.

    What was unpacked is removed when the block ends. Raises UserError for a tarball that is damaged, names a place
    outside, holds anything but files and folders, or unpacks to more than `most_bytes`; for several; and once
    `stopped()`.
    """
    channel = channels.get(CHANNEL)
    packed = _packed(channel.folder) if channel else None
    if channel is None or packed is None:
        yield channels
        return
    with tempfile.TemporaryDirectory(prefix="kindred-model-") as scratch:
        _unpack(packed, Path(scratch), most_bytes=most_bytes, stopped=stopped)
        yield {**channels, CHANNEL: replace(channel, folder=Path(scratch))}


@contextlib.contextmanager
def tree(model: Path, *, most_bytes: int) -> Iterator[Path]:
    """Give the folder of a model that is a folder, or a tarball, which is unpacked until the block ends.

    Raises UserError where it is neither, and for a tarball as `unpacked` does.
    """
    if model.is_dir():
        yield model
        return
    if not model.is_file():
        raise UserError(f"there is no model: {model} is neither a folder nor a model.tar.gz")
    with tempfile.TemporaryDirectory(prefix="kindred-model-") as scratch:
        _unpack(model, Path(scratch), most_bytes=most_bytes, stopped=lambda: False)
        yield Path(scratch)


def _packed(folder: Path) -> Path | None:
    found = sorted(path for path in folder.rglob("*") if _is_tarball(path.relative_to(folder)) and path.is_file())
    if len(found) > 1:
        names = ", ".join(path.relative_to(folder).as_posix() for path in found[:5])
        raise UserError(f"the channel '{CHANNEL}' brings {len(found)} packed models, expected one: {names}")
    return found[0] if found else None


def _is_tarball(relative: Path) -> bool:
    return relative.name.lower().endswith(ENDINGS) and not any(part.startswith((".", "_")) for part in relative.parts)


def _unpack(packed: Path, folder: Path, *, most_bytes: int, stopped: Callable[[], bool]) -> None:
    try:
        with _opened(packed) as stream, tarfile.open(fileobj=_Measured(stream, most_bytes, stopped), mode="r|") as tar:
            for count, member in enumerate(tar, 1):
                if count > MOST_FILES:
                    raise UserError(f"it holds more than {MOST_FILES:,} files; a model has a few")
                _extract(tar, member, folder)
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"the packed model is damaged: {error}", at=packed.name) from error
    except UserError as error:
        raise UserError(f"the packed model cannot be used: {error.sentence}", at=packed.name) from error


def _opened(packed: Path) -> io.BufferedIOBase:
    with packed.open("rb") as file:
        zipped = file.read(len(_GZIP)) == _GZIP
    return gzip.open(packed) if zipped else packed.open("rb")


class _Measured(io.RawIOBase):
    """What is read of a stream, up to so many bytes in all: a small file may unpack to more than any disk holds."""

    def __init__(self, stream: io.BufferedIOBase, most_bytes: int, stopped: Callable[[], bool]) -> None:
        self._stream, self._most_bytes, self._left, self._stopped = stream, most_bytes, most_bytes, stopped

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises UserError beyond the limit, and once the job is asked to stop."""
        if self._stopped():
            raise UserError("the job was asked to stop")
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise UserError(
                f"it unpacks to more than {self._most_bytes:,} bytes, half of the memory here; take a larger instance"
            )
        return content


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or "\0" in member.name:
        raise UserError(f"it names a place outside its folder: {member.name[:100]!r}")
    if member.isdir():
        (folder / name).mkdir(parents=True, exist_ok=True)
        return
    source = tar.extractfile(member) if member.isreg() and not member.issparse() else None
    if source is None:
        raise UserError(f"it holds something that is neither a file nor a folder: {member.name[:100]!r}")
    try:
        _copy(source, folder / name, member.size)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise UserError(f"it names one place twice: {member.name[:100]!r}") from error


def _copy(source: IO[bytes], path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    copied = 0
    with path.open("xb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            copied += file.write(chunk)
    if copied != size:
        raise EOFError(f"{path.name} ends after {copied} of {size} bytes")
