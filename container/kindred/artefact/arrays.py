"""A safetensors file of named arrays, opened as memory-mapped views: nothing is copied, nothing is run.

The format (https://github.com/huggingface/safetensors#format): the header's length as a little-endian uint64, the
header as JSON, then the arrays' bytes without holes.
"""

import errno
import mmap
import os
import re
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from kindred.errors import Bug, UserError

MAX_HEADER_BYTES = 16 * 1024 * 1024
MAX_DIMENSIONS = 8

_DTYPES = {
    "BOOL": np.dtype("?"),
    "U8": np.dtype("<u1"),
    "I8": np.dtype("<i1"),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "F16": np.dtype("<f2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "F32": np.dtype("<f4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F64": np.dtype("<f8"),
}


_Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Entry(msgspec.Struct, frozen=True):
    dtype: str
    shape: Annotated[tuple[_Size, ...], msgspec.Meta(max_length=MAX_DIMENSIONS)]
    data_offsets: tuple[_Size, _Size]


def save(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays to one file; equal arrays give equal bytes, whatever their order in memory or in `arrays`.

    Raises Bug for a name or dtype that the format cannot keep, OSError where the disk refuses.
    """
    for name, array in arrays.items():
        if array.dtype not in _DTYPES.values() or name == "__metadata__":
            raise Bug(f"array '{name}' of type {array.dtype} cannot be kept in an artefact")
    try:
        safetensors.numpy.save_file({name: np.asarray(array, order="C") for name, array in arrays.items()}, path)
    except safetensors.SafetensorError as error:
        raise _as_os_error(error, path) from error


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Return the file's arrays by name, read-only views of one shared mapping.

    Raises UserError where the file is not whole and sound, or holds a dtype that is not read here; OSError.
    """
    content = _mapped(path)
    start, entries = _header(content, at=path.name)
    _check_layout(entries, size=len(content) - start, at=path.name)
    return {name: _view(content, entry, start=start, at=f"{path.name}: {name}") for name, entry in entries.items()}


def layout(arrays: Mapping[str, NDArray[Any]]) -> dict[str, str]:
    """Return each array's type and shape in words, such as "float32 (300, 64)"."""
    return {name: f"{array.dtype} {array.shape}" for name, array in arrays.items()}


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < 8:
            raise UserError("the file is too short to hold arrays", at=path.name)
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _header(content: mmap.mmap, *, at: str) -> tuple[int, dict[str, _Entry]]:
    length = int.from_bytes(content[:8], "little")
    if length > min(MAX_HEADER_BYTES, len(content) - 8):
        raise UserError(f"the header claims {length} bytes, more than the file or the limit allows", at=at)
    try:
        raw = msgspec.json.decode(content[8 : 8 + length], type=dict[str, msgspec.Raw])
        raw.pop("__metadata__", None)
        return 8 + length, {name: msgspec.json.decode(entry, type=_Entry) for name, entry in raw.items()}
    except (ValueError, RecursionError) as error:
        raise UserError(f"the header is not that of a safetensors file ({error})", at=at) from error


def _check_layout(entries: Mapping[str, _Entry], *, size: int, at: str) -> None:
    end = 0
    for name, entry in sorted(entries.items(), key=lambda named: named[1].data_offsets):
        begin, stop = entry.data_offsets
        if begin != end or stop < begin:
            raise UserError(f"array '{name}' does not begin where the one before it ends", at=at)
        end = stop
    if end != size:
        raise UserError(f"the header speaks of {end} bytes of arrays, the file holds {size}", at=at)


def _view(content: mmap.mmap, entry: _Entry, *, start: int, at: str) -> NDArray[Any]:
    dtype = _DTYPES.get(entry.dtype)
    if dtype is None:
        raise UserError(f"the array is of type {entry.dtype}; this image reads {', '.join(_DTYPES)}", at=at)
    begin, stop = entry.data_offsets
    if prod(entry.shape) * dtype.itemsize != stop - begin:
        raise UserError(f"shape {list(entry.shape)} of {entry.dtype} does not fill {stop - begin} bytes", at=at)
    try:
        return np.ndarray(entry.shape, dtype, buffer=content, offset=start + begin)
    except (ValueError, OverflowError) as error:  # an empty array may still claim a dimension that numpy cannot count
        raise UserError(f"an array of shape {list(entry.shape)} cannot be held ({error})", at=at) from error


def _as_os_error(error: Exception, path: Path) -> OSError:
    found = re.search(r"os error (\d+)", str(error))  # the library tells a full disk by its text alone
    number = int(found[1]) if found else errno.EIO
    return OSError(number, os.strerror(number), str(path))
