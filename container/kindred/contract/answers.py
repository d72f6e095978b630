"""Predictions become a body in one of the families."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kindred.codecs import csv_rows, json_lines, json_text
from kindred.contract.negotiation import CSV, JSON, JSON_LINES, NPY, RECORDIO, Family
from kindred.contract.port import MatrixPredictor, Predictor


def write(predictions: Sequence[Any], family: Family, predictor: Predictor, *, batch: bool) -> bytes:
    """Return the body: one prediction an instance, in order. Raises Bug where a number in it is not finite.

    A family of matrices, which only a MatrixPredictor writes, has a record or a row for every prediction.
    Lines are joined by LF; in a batch transform the last one ends in LF too, so that what SageMaker concatenates does
    not glue two rows into one (contract line 130).
    """
    body = _WRITERS[family.type](predictions, predictor)
    return body[:-1] if family in _LINED and not batch else body


def _json(predictions: Sequence[Any], _: Predictor) -> bytes:
    return json_text.encode({"predictions": predictions})


def _lines(predictions: Sequence[Any], _: Predictor) -> bytes:
    return json_lines.encode(predictions)


def _rows(predictions: Sequence[Any], predictor: Predictor) -> bytes:
    return csv_rows.encode(map(predictor.row, predictions))


def _records(predictions: Sequence[Any], predictor: MatrixPredictor) -> bytes:
    from kindred.codecs import records  # NumPy, which the door does without where the predictor does

    return records.encode_answers(predictor.columns(predictions))


def _array(predictions: Sequence[Any], predictor: MatrixPredictor) -> bytes:
    import numpy as np

    from kindred.codecs import npy

    return npy.encode(np.column_stack(list(predictor.columns(predictions).values())))


_LINED = (JSON_LINES, CSV)

_WRITERS: Mapping[str, Callable[[Sequence[Any], Any], bytes]] = {
    JSON.type: _json,
    JSON_LINES.type: _lines,
    CSV.type: _rows,
    RECORDIO.type: _records,
    NPY.type: _array,
}
