"""A snapshot of training on its way, as bytes that say themselves whether they are whole.

The bytes: `MAGIC`, the SHA-256 of all that follows, the header's length as a little-endian uint64, the header as JSON
(`format`, `kind`, `fields`), and the arrays as safetensors.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from kindred.errors import Bug, UserError

MAGIC = b"kindred snapshot\n"
FORMAT = 1

_DIGEST_BYTES, _LENGTH_BYTES = 32, 8


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """What was kept: `kind` says whose it is, `fields` are as JSON gives them back, arrays are read-only."""

    kind: str
    fields: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


def encode(kind: str, *, fields: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the snapshot's bytes; equal content gives equal bytes.

    Raises Bug for fields that JSON cannot say (a number that is not finite) and for arrays of no plain type.
    """
    told = {"format": FORMAT, "kind": kind, "fields": dict(fields)}
    try:
        header = json.dumps(told, sort_keys=True, allow_nan=False, default=_plain).encode()
        packed = safetensors.numpy.save({name: np.asarray(array, order="C") for name, array in arrays.items()})
    except (TypeError, ValueError, KeyError, safetensors.SafetensorError) as error:
        raise Bug(f"the snapshot cannot be kept: {error}") from error
    body = b"".join((len(header).to_bytes(_LENGTH_BYTES, "little"), header, packed))
    return b"".join((MAGIC, hashlib.sha256(body).digest(), body))


def decode(content: bytes) -> Snapshot:
    """Return what `encode` was given. Raises UserError where the bytes are not whole, not ours or of another format."""
    body = memoryview(content)[len(MAGIC) + _DIGEST_BYTES :]
    if not content.startswith(MAGIC) or len(body) < _LENGTH_BYTES:
        raise UserError("the file is no snapshot of Kindred's, or only the beginning of one")
    if hashlib.sha256(body).digest() != content[len(MAGIC) : len(MAGIC) + _DIGEST_BYTES]:
        raise UserError("the snapshot is damaged: its SHA-256 differs")
    start = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES], "little")
    try:
        return _snapshot(json.loads(bytes(body[_LENGTH_BYTES:start])), body[start:])
    except (ValueError, KeyError, TypeError, RecursionError, safetensors.SafetensorError) as error:
        raise UserError(f"the snapshot is not one that this image wrote ({error})") from error


def _snapshot(header: Mapping[str, Any], packed: memoryview) -> Snapshot:
    if header["format"] != FORMAT:
        raise UserError(f"the snapshot is of format {header['format']}; this image reads {FORMAT}")
    arrays = safetensors.numpy.load(bytes(packed))
    for array in arrays.values():
        array.flags.writeable = False
    return Snapshot(kind=header["kind"], fields=dict(header["fields"]), arrays=arrays)


def _plain(value: Any) -> Any:
    """NumPy's own numbers are numbers, too."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"JSON cannot say {type(value).__name__}")
