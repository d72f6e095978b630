"""A body in one of the families becomes requests that the predictor understands, each with its place in the body."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindred.codecs import csv_rows, json_lines, json_text
from kindred.contract.negotiation import CSV, JSON, JSON_LINES, NPY, RECORDIO, Family
from kindred.contract.port import MatrixPredictor, Predictor
from kindred.errors import UserError, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENVELOPE = ("instances", "configuration")
"""The keys of a JSON body that holds many instances."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The requests of a body, in order. `place(i)` names the i-th in the caller's terms, such as `instances[3]`."""

    requests: Sequence[Any]
    place: Callable[[int], str]


def read(content: str | bytes, family: Family, predictor: Predictor, *, options: Mapping[str, str]) -> Batch:
    """Return the requests of a body of this family; only CSV, which has no other, heeds the headers' `options`.

    `content` is text, or bytes where the family is one of matrices, which only a MatrixPredictor reads. Raises
    UserError, `at` its place in the body.
    """
    return _READERS[family.type](content, predictor, options)


def within(place: str, at: str | None) -> str | None:
    """Return where `at`, relative to `place`, is: `instances[3]` and `.history[0]` are `instances[3].history[0]`."""
    if not at:
        return place or None
    return f"{place}, {at.lstrip('.')}" if place.startswith(_COUNTED) else f"{place}{at}".lstrip(".")


def _json(text: str, predictor: Predictor, _: Mapping[str, str]) -> Batch:
    value = json_text.decode(text)
    if isinstance(value, dict) and "instances" in value:
        return _envelope(value, predictor)
    if isinstance(value, list) and not _vector(value):
        return _each(value, predictor.parse, {}, place=lambda i: f"[{i}]")
    if isinstance(value, dict | list):
        return _each([value], predictor.parse, {}, place=lambda _: "")
    raise UserError('the JSON body is neither an object nor a list; send {"instances": [...]}')


def _envelope(value: Mapping[str, Any], predictor: Predictor) -> Batch:
    for key in value:
        if key not in ENVELOPE:
            raise UserError(f"'{key[:40]}' does not belong beside 'instances'{nearest(key, ENVELOPE)}", at=key[:40])
    instances, configuration = value["instances"], value.get("configuration", {})
    if not isinstance(instances, list):
        raise UserError("'instances' is not a list", at="instances")
    if not isinstance(configuration, dict):
        raise UserError("'configuration' is not an object", at="configuration")
    return _each(instances, predictor.parse, configuration, place=lambda i: f"instances[{i}]")


def _lines(text: str, predictor: Predictor, _: Mapping[str, str]) -> Batch:
    lines = json_lines.decode(text)
    return _each([value for _, value in lines], predictor.parse, {}, place=lambda i: f"line {lines[i][0]}")


def _rows(text: str, predictor: Predictor, options: Mapping[str, str]) -> Batch:
    rows = csv_rows.decode(text)
    return _each([cells for _, cells in rows], predictor.parse_row, options, place=lambda i: f"line {rows[i][0]}")


def _records(body: bytes, predictor: MatrixPredictor, _: Mapping[str, str]) -> Batch:
    from kindred.codecs import records  # NumPy, which the door does without where the predictor does

    return _matrix(records.decode(body).rows, predictor)


def _array(body: bytes, predictor: MatrixPredictor, _: Mapping[str, str]) -> Batch:
    from kindred.codecs import vectors  # NumPy

    return _matrix(vectors.from_npy(body), predictor)


def _matrix(rows: "NDArray[np.float32]", predictor: MatrixPredictor) -> Batch:
    return Batch(requests=predictor.parse_matrix(rows), place=lambda i: f"record {i + 1}")


def _each(
    values: Sequence[Any],
    parse: Callable[[Any, Mapping[str, Any]], Any],
    options: Mapping[str, Any],
    *,
    place: Callable[[int], str],
) -> Batch:
    requests = []
    for i, value in enumerate(values):
        try:
            requests.append(parse(value, options))
        except UserError as error:
            error.at = within(place(i), error.at)
            raise
    return Batch(requests=requests, place=place)


def _vector(value: list[Any]) -> bool:
    """Numbers alone are one instance, a vector; no instance is a mere number."""
    return bool(value) and all(type(each) in (int, float) for each in value)


_COUNTED = ("line ", "record ")

_READERS: Mapping[str, Callable[[Any, Any, Mapping[str, str]], Batch]] = {
    JSON.type: _json,
    JSON_LINES.type: _lines,
    CSV.type: _rows,
    RECORDIO.type: _records,
    NPY.type: _array,
}
