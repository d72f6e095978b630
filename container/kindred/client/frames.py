"""Answers as pandas frames, and rows of numbers as arrays."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

Frame: TypeAlias = "pd.DataFrame"

COLUMNS = ("request", "rank", "item_id", "title", "score", "cluster", "label", "because", "source")
"""`request` is the place of the question (0, 1, …), `rank` the place of the item in its answer (1, 2, …)."""


def recommendations(predictions: Sequence[Mapping[str, Any]]) -> Frame:
    """Return a row a recommendation, COLUMNS; a question that was answered with nothing has no row."""
    frame = _pandas().DataFrame(list(_rows(predictions)), columns=list(COLUMNS))
    return frame.astype({"request": "int64", "rank": "int64", "score": "float64", "cluster": "Int64"})


def nearest(predictions: Sequence[Mapping[str, Any]], *, index: Any = None) -> Frame:
    """Return a row a prediction: `cluster`, int64, and `distance`, float64, Euclidean and not squared."""
    found = {
        "cluster": np.array([each["closest_cluster"] for each in predictions], np.float64).astype(np.int64),
        "distance": np.array([each["distance_to_cluster"] for each in predictions], np.float64),
    }
    return _pandas().DataFrame(found, index=index)


def matrix(rows: Any) -> NDArray[np.float32]:
    """Return rows of numbers as float32 (n, d). Raises UserError for anything else."""
    try:
        found = np.asarray(rows, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise UserError(f"the rows are not all numbers of one length: {error}", at="rows") from None
    if found.ndim != 2:
        raise UserError(f"the rows have {found.ndim} dimensions, expected 2: a row for each vector", at="rows")
    return np.ascontiguousarray(found)


def npy(rows: NDArray[np.float32]) -> bytes:
    """Return an array as the bytes of an .npy file."""
    file = io.BytesIO()
    np.save(file, rows, allow_pickle=False)
    return file.getvalue()


def _rows(predictions: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    for request, prediction in enumerate(predictions):
        for rank, item in enumerate(prediction["recommendations"], start=1):
            known = {"request": request, "rank": rank, "source": prediction["source"], **item}
            yield [known.get(column) for column in COLUMNS]


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise UserError("pandas is not installed, and answers are its frames; pip install pandas") from error
    return pandas
