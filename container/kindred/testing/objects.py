"""Objects for channels: arrays and folders as the content that S3 would hold."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kindred.testing import recordio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def csv(rows: "NDArray[np.floating]", *, parts: int = 1) -> dict[str, bytes]:
    """Return the rows (n, d) as `parts` objects of CSV without a header; numbers keep every bit.

    >>> import numpy as np
    >>> csv(np.array([[1.5, 2.0], [3.0, 4.0]]), parts=2)
    {'part-0.csv': b'1.5,2.0\\n', 'part-1.csv': b'3.0,4.0\\n'}
    """
    lines = [",".join(map(repr, row)) + "\n" for row in rows.tolist()]
    return {f"part-{i}.csv": "".join(lines[_share(len(lines), i, parts)]).encode() for i in range(parts)}


def npy(rows: "NDArray[np.floating]", *, parts: int = 1) -> dict[str, bytes]:
    """Return the rows (n, d) as `parts` objects of NumPy's own format."""
    return {f"part-{i}.npy": _npy(rows[_share(len(rows), i, parts)]) for i in range(parts)}


def records(rows: "NDArray[np.floating]", *, parts: int = 1) -> dict[str, bytes]:
    """Return the rows (n, d) as `parts` objects of RecordIO-protobuf, float32, as the SDK's `record_set` does."""
    return {f"matrix_{i}.pbr": recordio.records(rows[_share(len(rows), i, parts)]) for i in range(parts)}


def folder(path: Path) -> Mapping[str, bytes]:
    """Return every file below `path` under its path from there."""
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def _share(count: int, number: int, parts: int) -> slice:
    return slice(count * number // parts, count * (number + 1) // parts)


def _npy(rows: "NDArray[np.floating]") -> bytes:
    import numpy as np

    content = io.BytesIO()
    np.save(content, rows)
    return content.getvalue()
