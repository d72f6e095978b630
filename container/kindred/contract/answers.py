"""Predictions become a body in one of the families."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kindred.codecs import csv_rows, json_lines, json_text
from kindred.contract.negotiation import CSV, JSON, JSON_LINES, Family
from kindred.contract.port import Predictor


def write(predictions: Sequence[Any], family: Family, predictor: Predictor, *, batch: bool) -> bytes:
    """Return the body: one prediction an instance, in order. Raises Bug where a number in it is not finite.

    Lines are joined by LF; in a batch transform the last one ends in LF too, so that what SageMaker concatenates does
    not glue two rows into one (contract line 130).
    """
    body = _WRITERS[family.type](predictions, predictor)
    return body if batch or family is JSON else body[:-1]


def _json(predictions: Sequence[Any], _: Predictor) -> bytes:
    return json_text.encode({"predictions": predictions})


def _lines(predictions: Sequence[Any], _: Predictor) -> bytes:
    return json_lines.encode(predictions)


def _rows(predictions: Sequence[Any], predictor: Predictor) -> bytes:
    return csv_rows.encode(map(predictor.row, predictions))


_WRITERS: Mapping[str, Callable[[Sequence[Any], Predictor], bytes]] = {
    JSON.type: _json,
    JSON_LINES.type: _lines,
    CSV.type: _rows,
}
