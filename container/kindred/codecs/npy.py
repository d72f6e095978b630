"""NumPy's .npy becomes an array, and an array becomes .npy; nothing in it is ever executed.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import io
import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError

MAGIC = b"\x93NUMPY"

_LENGTHS = {1: 2, 2: 4, 3: 4}
_DTYPE = re.compile(r"""(['"])descr\1[ \t\n]*:[ \t\n]*(['"])(?P<dtype>[<>|=](?:f[248]|[iu][1248]))\2""")
_ORDER = re.compile(r"""(['"])fortran_order\1[ \t\n]*:[ \t\n]*(?P<order>True|False)""")
_SHAPE = re.compile(
    r"""(['"])shape\1[ \t\n]*:[ \t\n]*\([ \t\n]*(?P<n>0|[1-9]\d{0,11})[ \t\n]*,"""
    r"""[ \t\n]*(?:(?P<d>0|[1-9]\d{0,11})[ \t\n]*,?[ \t\n]*)?\)"""
)
_FRAME = re.compile(r"[ \t]*\{[ \t\n]*(?:FIELD[ \t\n]*,[ \t\n]*){2}FIELD[ \t\n]*,?[ \t\n]*\}[ \t\n]*")


def decode(body: bytes | memoryview) -> NDArray[Any]:
    """Return the array, (n,) or (n, d), of the floats or integers that the body holds, a read-only view of it.

    Raises UserError for what is no .npy, other dtypes (objects are never unpickled), other shapes, and a body that is
    shorter or longer than its header says.
    """
    view = memoryview(body).cast("B")
    header, start = _header(view)
    dtype, order, shape = (pattern.search(header) for pattern in (_DTYPE, _ORDER, _SHAPE))
    if not dtype or not order:
        raise UserError(f"the array is not of plain floats or integers; its header is {header.strip()[:100]!r}")
    if not shape:
        raise UserError(f"the array is neither (n,) nor (n, d); its header is {header.strip()[:100]!r}")
    if not _FRAME.fullmatch(_framed(header)):
        raise UserError(f"the header of the .npy file is damaged: {header.strip()[:100]!r}")
    sizes = [int(size) for size in (shape["n"], shape["d"]) if size]
    needed = math.prod(sizes) * np.dtype(dtype["dtype"]).itemsize
    if needed != len(view) - start:
        raise UserError(f"the header announces {needed} bytes of numbers, and the body holds {len(view) - start}")
    return np.frombuffer(view[start:], dtype["dtype"]).reshape(sizes, order="F" if order["order"] == "True" else "C")


def encode(array: NDArray[Any]) -> bytes:
    """Return the array as .npy. Raises ValueError for an array of objects."""
    body = io.BytesIO()
    np.save(body, array, allow_pickle=False)
    return body.getvalue()


def _framed(header: str) -> str:
    """The header with each field as a word: one that stands twice leaves something over."""
    for pattern in (_DTYPE, _ORDER, _SHAPE):
        header = pattern.sub("FIELD", header, count=1)
    return header


def _header(view: memoryview) -> tuple[str, int]:
    version = view[6] if len(view) > 7 and view[:6] == MAGIC else 0
    if version not in _LENGTHS or view[7]:
        raise UserError("the body is no .npy file, which begins with \\x93NUMPY and its version, 1.0 to 3.0")
    start = 8 + _LENGTHS[version]
    stop = start + int.from_bytes(view[8:start], "little")
    if stop > len(view):
        raise UserError("the body ends within the header of the .npy file")
    return str(view[start:stop], "latin-1"), stop
