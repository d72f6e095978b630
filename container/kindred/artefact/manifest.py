"""The manifest: which model lies here, made of what, in which files."""

import math
from typing import Any, TypeVar

import msgspec
import numpy as np

from kindred.errors import Bug, UserError

FORMAT = 1
NAME = "manifest.json"
MAX_BYTES = 16 * 1024 * 1024


_Struct = TypeVar("_Struct")


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the artefact: its size, the SHA-256 of its content in hexadecimal, and its arrays.

    `arrays` maps an array's name to its type and shape, such as "float32 (300, 64)".
    """

    bytes: int
    sha256: str
    arrays: dict[str, str]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What training says of its artefact.

    `fingerprint` is the data's; `versions` maps a library to its version; `facts` is the algorithm's own, any JSON
    object. `format` and `files` (name → `File`) are filled in when the artefact is written.
    """

    algorithm: str
    hyperparameters: dict[str, Any]
    seed: int
    fingerprint: str
    versions: dict[str, str]
    metrics: dict[str, float]
    notes: list[str] = []
    facts: dict[str, Any] = {}
    format: int = FORMAT
    files: dict[str, File] = {}


class _Version(msgspec.Struct):
    format: int


def encode(manifest: Manifest) -> bytes:
    """Return the manifest as JSON; equal manifests give equal bytes. Raises Bug for what JSON cannot say."""
    try:
        plain = msgspec.to_builtins(manifest, order="sorted", str_keys=True, enc_hook=_plain)
        _check_finite(plain, at="manifest")
        return msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n"
    except (TypeError, ValueError) as error:
        raise Bug(f"the manifest cannot be kept as JSON: {error}") from error


def decode(content: bytes) -> Manifest:
    """Return the manifest of this JSON; keys that a later release added are ignored.

    Raises UserError where it is no manifest of ours, or one of a format other than `FORMAT`.
    """
    version = _decoded(content, _Version).format
    if version != FORMAT:
        raise UserError(
            f"the model was written by format {version}; this image reads {FORMAT}: serve it with the image that "
            "trained it, or train it again",
            at=NAME,
        )
    return _decoded(content, Manifest)


def _decoded(content: bytes, kind: type[_Struct]) -> _Struct:
    try:
        return msgspec.json.decode(content, type=kind)
    except (ValueError, RecursionError) as error:
        raise UserError(f"the file is not a whole manifest of a Kindred model ({error})", at=NAME) from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a {type(value).__name__} is no JSON value")


def _check_finite(value: Any, *, at: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{at} is {value}")
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_finite(inner, at=f"{at}.{key}")
    if isinstance(value, list):
        for place, inner in enumerate(value):
            _check_finite(inner, at=f"{at}[{place}]")
