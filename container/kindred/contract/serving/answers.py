"""Predictions become a body in one of the families."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from kindred.codecs import csv_rows, json_lines, json_text
from kindred.contract.negotiation import CSV, JSON, JSON_LINES, NPY, RECORDIO, Family
from kindred.contract.port import MatrixPredictor, Predictor
from kindred.contract.serving.requests import Fault
from kindred.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[np.float32]]

PLACEHOLDER = "ERROR"
"""The row of CSV that stands for a bad record (contract line 129); JSON says in its place what is wrong."""

Ids = Sequence[Any] | None


def write(predictions: Sequence[Any], family: Family, predictor: Predictor, *, ended: bool, ids: Ids = None) -> bytes:
    """Return the body: one prediction an instance, in order. Raises Bug where a number in it is not finite.

    A family of matrices, which only a MatrixPredictor writes, has a record or a row for every prediction; a Fault is
    NaN there. Lines are joined by LF; where they are `ended` the last one has one too (contract line 130). `ids` lead
    their rows. Raises UserError where the family cannot hold them.
    """
    body = _WRITERS[family.type](predictions, predictor, ids)
    return body[:-1] if family in LINED and not ended else body


class Pieces:
    """A body that is written piece by piece; the pieces and the end, joined, are what `write` makes of all at once."""

    def __init__(self, family: Family, predictor: Predictor, *, ended: bool) -> None:
        self._family, self._predictor, self._ended = family, predictor, ended
        self._begun = False
        self._columns: list[Columns] = []

    def piece(self, predictions: Sequence[Any], ids: Ids) -> bytes:
        """Return the bytes of these predictions, and what parts them from those before. Raises as `write`."""
        if not predictions:
            return b""
        if self._family is NPY:
            # Its header says how many rows will come.
            _require_no_ids(ids)
            self._columns.append(_columns(predictions, self._predictor))
            return b""
        body = write(predictions, self._family, self._predictor, ended=False, ids=ids)
        before = _BETWEEN.get(self._family.type, b"") if self._begun else b""
        if self._family is JSON:
            body = body[len(_OPENED) : -len(_CLOSED)]
            before = before or _OPENED
        self._begun = True
        return before + body

    def end(self) -> bytes:
        """Return what follows the last piece."""
        if self._family is NPY:
            return _stacked(self._columns)
        if self._family is JSON:
            return _CLOSED if self._begun else _OPENED + _CLOSED
        return b"\n" if self._family in LINED and self._ended and self._begun else b""


def _json(predictions: Sequence[Any], _: Predictor, ids: Ids) -> bytes:
    return json_text.encode({"predictions": _told(predictions, ids)})


def _lines(predictions: Sequence[Any], _: Predictor, ids: Ids) -> bytes:
    return json_lines.encode(_told(predictions, ids))


def _told(predictions: Sequence[Any], ids: Ids) -> Sequence[Any]:
    """The predictions as values of JSON, a Fault as what is wrong, an id as the first key."""
    if not ids and not _faulty(predictions):
        return predictions
    told = [_error(each) if isinstance(each, Fault) else each for each in predictions]
    return told if ids is None else [_beside(id_, each) for id_, each in zip(ids, told, strict=True)]


def _error(fault: Fault) -> Mapping[str, str]:
    return {"error": fault.sentence, "at": fault.at} if fault.at else {"error": fault.sentence}


def _beside(id_: Any, prediction: Any) -> Any:
    plain = msgspec.to_builtins(prediction)
    if id_ is None:
        return plain
    shown = id_[0] if isinstance(id_, list) and len(id_) == 1 else id_
    return {"id": shown, **plain} if isinstance(plain, dict) else {"id": shown, "prediction": plain}


def _rows(predictions: Sequence[Any], predictor: Predictor, ids: Ids) -> bytes:
    if not ids and not _faulty(predictions):
        return csv_rows.encode(map(predictor.row, predictions))
    rows: Iterable[Sequence[str]] = (
        [PLACEHOLDER] if isinstance(each, Fault) else predictor.row(each) for each in predictions
    )
    if ids:
        rows = ([*_cells(id_), *row] for id_, row in zip(ids, rows, strict=True))
    return csv_rows.encode(rows)


def _cells(id_: Any) -> Sequence[str]:
    return id_ if isinstance(id_, list) else [] if id_ is None else [str(id_)]


def _records(predictions: Sequence[Any], predictor: MatrixPredictor, ids: Ids) -> bytes:
    from kindred.codecs import records  # NumPy, which the door does without where the predictor does

    _require_no_ids(ids)
    return records.encode_answers(_columns(predictions, predictor))


def _array(predictions: Sequence[Any], predictor: MatrixPredictor, ids: Ids) -> bytes:
    _require_no_ids(ids)
    return _stacked([_columns(predictions, predictor)])


def _columns(predictions: Sequence[Any], predictor: Any) -> "Columns":
    if not _faulty(predictions):
        columns: Columns = predictor.columns(predictions)
        return columns
    import numpy as np

    good = np.array([not isinstance(each, Fault) for each in predictions])
    found = predictor.columns([each for each in predictions if not isinstance(each, Fault)])
    spread = {name: np.full((len(good), *part.shape[1:]), np.nan, np.float32) for name, part in found.items()}
    for name, part in found.items():
        spread[name][good] = part
    return spread


def _stacked(columns: "Sequence[Columns]") -> bytes:
    import numpy as np

    from kindred.codecs import npy

    parts = [np.column_stack(list(each.values())) for each in columns]
    return npy.encode(np.concatenate(parts) if parts else np.zeros((0, 0), np.float32))


def _require_no_ids(ids: Ids) -> None:
    if ids is not None:
        raise UserError("ids ride along in CSV, JSON and JSON Lines alone; accept one of these", at="id_columns")


def _faulty(predictions: Sequence[Any]) -> bool:
    return any(type(each) is Fault for each in predictions)


LINED = (JSON_LINES, CSV)
"""The families of which a row is a line."""

_OPENED, _CLOSED = b'{"predictions":[', b"]}"
_BETWEEN = {JSON.type: b",", JSON_LINES.type: b"\n", CSV.type: b"\n"}

_WRITERS: Mapping[str, Callable[[Sequence[Any], Any, Ids], bytes]] = {
    JSON.type: _json,
    JSON_LINES.type: _lines,
    CSV.type: _rows,
    RECORDIO.type: _records,
    NPY.type: _array,
}
