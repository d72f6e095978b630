"""Where what is too large to be held is laid aside: a little in memory, the rest in a file that nobody else sees."""

import io
import tempfile
from collections.abc import Iterator
from typing import IO

from kindred.contract.serving.body import BLOCK, Body

HELD = 2 * BLOCK
"""Bytes that stay in memory."""

_PIECE = 1 << 20


def made() -> IO[bytes]:
    """Return an empty one, in memory altogether where no folder can be written to; it is gone when it is closed."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return io.BytesIO()
    return tempfile.SpooledTemporaryFile(HELD)


def pieces(aside: IO[bytes]) -> Iterator[bytes]:
    """Yield what is laid aside, from where it stands, and close it then."""
    with aside:
        yield from iter(lambda: aside.read(_PIECE), b"")


def whole(sent: Body, aside: IO[bytes]) -> Body:
    """Return the body, read to its end and laid aside. Raises as reading it does."""
    stream = sent.stream()
    while piece := stream.read(_PIECE):
        aside.write(piece)
    aside.seek(0)
    return Body(head=aside.read(BLOCK), rest=aside)
