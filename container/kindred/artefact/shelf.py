"""The model directory: written aside and renamed, manifest last; opened by mapping, after every size is checked."""

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray

from kindred.artefact import arrays as bundles
from kindred.artefact import manifest as manifests
from kindred.artefact import strings as tables
from kindred.artefact.manifest import File, Manifest
from kindred.artefact.strings import Strings
from kindred.errors import Bug, UserError

ARRAYS = "arrays.safetensors"
STRINGS = "strings.safetensors"

_ASIDE = ".partial"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Artefact:
    """An opened model: its manifest, its arrays (mapped, read-only) and its tables of strings, by name."""

    manifest: Manifest
    arrays: Mapping[str, NDArray[Any]]
    strings: Mapping[str, Strings]


def write(
    folder: Path,
    *,
    manifest: Manifest,
    arrays: Mapping[str, NDArray[Any]],
    strings: Mapping[str, Sequence[str]],
    indexed: Collection[str] = (),
) -> None:
    """Leave the artefact whole in `folder`, in the place of an earlier one; where that fails, leave nothing of it.

    `indexed` names the tables among `strings` that are looked up by text. Equal content gives equal bytes.
    Raises Bug for content that cannot be kept, OSError where the disk refuses.
    """
    if unknown := sorted(set(indexed) - set(strings)):
        raise Bug(f"there are no strings named {', '.join(unknown)} to be indexed")
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / _ASIDE  # inside, since the model directory is a mount that cannot be renamed as a whole
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        bundles.save(aside / ARRAYS, arrays)
        bundles.save(aside / STRINGS, _packed(strings, indexed))
        files = {name: _described(aside / name) for name in (ARRAYS, STRINGS)}
        whole = msgspec.structs.replace(manifest, format=manifests.FORMAT, files=files)
        (aside / manifests.NAME).write_bytes(manifests.encode(whole))
        _publish(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def open(folder: Path) -> Artefact:  # noqa: A001  # what one does with an artefact
    """Map the artefact in `folder`, or in the one folder below it that holds a manifest (contract line 118).

    Raises UserError where there is none or several, or it is of another format, damaged, not whole, or unreadable.
    """
    try:
        return _opened(folder)
    except OSError as error:
        raise UserError(f"the model cannot be read: {error.strerror}", at=str(error.filename or folder)) from error


def verify(folder: Path) -> None:
    """Read every byte. Raises UserError as `open` does, and where a file is not the one that training wrote."""
    files = open(folder).manifest.files
    home = _home(folder)
    for name, file in files.items():
        if _sha256(home / name) != file.sha256:
            raise UserError("the file is not the one that training wrote: its SHA-256 differs", at=name)


def _packed(strings: Mapping[str, Sequence[str]], indexed: Collection[str]) -> dict[str, NDArray[Any]]:
    packed: dict[str, NDArray[Any]] = {}
    for name, texts in strings.items():
        packed |= tables.pack(name, texts)
        packed |= tables.pack_index(name, texts) if name in indexed else {}
    return packed


def _described(path: Path) -> File:
    return File(bytes=path.stat().st_size, sha256=_sha256(path), arrays=bundles.layout(bundles.load(path)))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _publish(aside: Path, folder: Path) -> None:
    for path in aside.iterdir():
        path.chmod(0o644)  # serving may run as another user than training (contract line 148)
        _sync(path)
    with ExitStack() as undo:
        (folder / manifests.NAME).unlink(missing_ok=True)  # without it there is no model, so never a mixture of two
        for name in (ARRAYS, STRINGS, manifests.NAME):
            (aside / name).replace(folder / name)
            undo.callback((folder / name).unlink)
            _sync(folder)
        undo.pop_all()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _opened(folder: Path) -> Artefact:
    home = _home(folder)
    manifest = manifests.decode(_content(_inside(home / manifests.NAME, folder)))
    for name in (ARRAYS, STRINGS):
        if name not in manifest.files:
            raise UserError(f"the manifest does not name {name}", at=manifests.NAME)
    loaded = {name: _loaded(home, name, manifest.files[name], folder=folder) for name in manifest.files}
    return Artefact(manifest=manifest, arrays=loaded[ARRAYS], strings=tables.unpack(loaded[STRINGS]))


def _home(folder: Path) -> Path:
    if (folder / manifests.NAME).is_file():
        return folder
    files = (path for path in folder.rglob(manifests.NAME) if path.is_file())
    found = sorted(path.parent for path in files if path.parent.name != _ASIDE)
    if not found:
        wanted = f"{manifests.NAME}, {ARRAYS} and {STRINGS}"
        raise UserError(f"no model in {folder}: expected {wanted} as training writes them, found {_listed(folder)}")
    if len(found) > 1:
        places = ", ".join(str(path.relative_to(folder)) for path in found[:5])
        raise UserError(f"{len(found)} models in {folder}, expected one: {places}")
    return found[0]


def _listed(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return ", ".join(names[:5] + ["…"] * (len(names) > 5)) or "nothing"


def _inside(path: Path, folder: Path) -> Path:
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise UserError("the file is a link that leads outside the model directory", at=path.name)
    return path


def _content(path: Path) -> bytes:
    if path.stat().st_size > manifests.MAX_BYTES:
        raise UserError(f"the manifest is larger than {manifests.MAX_BYTES} bytes", at=path.name)
    return path.read_bytes()


def _loaded(home: Path, name: str, file: File, *, folder: Path) -> dict[str, NDArray[Any]]:
    if not _PLAIN_NAME.fullmatch(name):
        raise UserError(f"the manifest names a file outside the model directory: {name[:100]!r}", at=manifests.NAME)
    path = _inside(home / name, folder)
    if not path.is_file():
        raise UserError(f"the file is missing from {home}, and the manifest names it", at=name)
    if (size := path.stat().st_size) != file.bytes:
        raise UserError(f"the file has {size} bytes and should have {file.bytes}: copy the model again", at=name)
    arrays = bundles.load(path)
    if bundles.layout(arrays) != file.arrays:
        raise UserError("the arrays in the file are not those that the manifest names", at=name)
    return arrays
