"""A stream of records becomes vectors part by part, so that it need not fit into memory (contract line 175)."""

import re
from collections.abc import Iterator
from typing import IO

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import recordio, records
from kindred.errors import UserError

BLOCK_BYTES = 1 << 23
"""Bytes that are read at a time; more only where a single record has more."""

PART_CELLS = 1 << 23
"""Numbers that the sparse rows of a part spread to, before the part ends with the row: 32 MiB as float32."""

LONGEST = 1 << 28
"""Bytes of a record: twice what the widest row of float64 takes. A damaged length asks for no more than this."""

_PLACE = re.compile(r"record (\d+), byte (\d+)")


def parts(stream: IO[bytes]) -> Iterator[NDArray[np.float32]]:
    """Yield the rows, float32 (m, d) with m > 0, of a stream of frames. Raises UserError as `records.decode`."""
    count, offset, block, width = 0, 0, b"", None
    size, ended = BLOCK_BYTES, False
    while block or not ended:
        if len(block) < size and not ended:
            piece = stream.read(size - len(block))
            block, ended = block + piece, not piece
        # Frames begin at multiples of four, so the padding of the last is never cut.
        view = memoryview(block)[: len(block) if ended else len(block) // 4 * 4]
        try:
            found, used = records.begun(view, width=width, part_cells=PART_CELLS)
            if block and not used:
                _require_more(view, ended=ended)
        except UserError as error:
            error.at = _later(error.at, count, offset)
            raise
        if used:
            yield found.rows
            width = found.rows.shape[1]
        size = BLOCK_BYTES if used else 2 * size
        block, count, offset = block[used:], count + len(found.rows), offset + used


def _require_more(view: memoryview, *, ended: bool) -> None:
    """Raise what is wrong with a record that does not end, unless more bytes may bring its end."""
    if len(view) > LONGEST:
        raise UserError(f"the record is longer than {LONGEST} bytes", at="record 1, byte 0")
    if ended:
        try:
            recordio.frame(view, 0)
        except UserError as error:
            error.at = f"record 1, {error.at}"
            raise


def _later(at: str | None, count: int, offset: int) -> str:
    return _PLACE.sub(lambda place: f"record {int(place[1]) + count}, byte {int(place[2]) + offset}", at or "")
