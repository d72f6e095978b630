"""A body in one of the families becomes requests that the predictor understands, each with its place in the body."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kindred.codecs import csv_rows, json_lines, json_text
from kindred.contract.negotiation import CSV, JSON, JSON_LINES, LIBSVM, NPY, RECORDIO, Family
from kindred.contract.port import MatrixPredictor, Predictor
from kindred.contract.serving.wishes import Wishes
from kindred.errors import UserError, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WRAPPERS = ("instances", "inputs")
"""The keys under which a JSON body holds many instances; beside them may stand `configuration`."""

MOST_CELLS = 1 << 25
"""Numbers that the sparse rows of one piece of a body may spread to, 128 MiB as float32."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """In the place of a request, where bad records are kept: what is wrong with it, and where it stands."""

    sentence: str
    at: str | None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The requests of a body, in order. `place(i)` names the i-th in the caller's terms, such as `instances[3]`.

    `ids` has an entry a request where ids ride along: the cells of a CSV row, or the `id` of a JSON instance.
    """

    requests: Sequence[Any]
    place: Callable[[int], str]
    ids: Sequence[Any] | None = None


def read(
    content: str | bytes, family: Family, predictor: Predictor, *, options: Mapping[str, str], wishes: Wishes
) -> Batch:
    """Return the requests of a body of this family; only CSV, which has no other, heeds the headers' `options`.

    `content` is text, or bytes where the family is one of matrices, which only a MatrixPredictor reads. Raises
    UserError, `at` its place in the body.
    """
    return _READERS[family.type](content, predictor, options, wishes)


def of_lines(
    found: Iterable[tuple[int, Any]],
    family: Family,
    predictor: Predictor,
    *,
    options: Mapping[str, str],
    wishes: Wishes,
) -> Batch:
    """Return the requests of lines as the codecs of CSV, LIBSVM or JSON Lines yield them, (line, row or UserError).

    Raises UserError, `at` the line.
    """
    rows = list(found)
    parse = _PARSERS[family.type](predictor)
    values = [value for _, value in rows]
    return _each(values, parse, options if family is CSV else {}, place=lambda i: f"line {rows[i][0]}", wishes=wishes)


def within(place: str, at: str | None) -> str | None:
    """Return where `at`, relative to `place`, is: `instances[3]` and `.history[0]` are `instances[3].history[0]`."""
    if not at:
        return place or None
    return f"{place}, {at.lstrip('.')}" if place.startswith(_COUNTED) else f"{place}{at}".lstrip(".")


def _json(text: str, predictor: Predictor, _: Mapping[str, str], wishes: Wishes) -> Batch:
    value = json_text.decode(text)
    if isinstance(value, dict):
        wrapper = next((key for key in WRAPPERS if key in value), None)
        if wrapper:
            return _envelope(value, wrapper, predictor, wishes)
        if "columns" in value and "data" in value:
            return _split(value, predictor, wishes)
    if isinstance(value, list) and not _vector(value):
        return _each(value, predictor.parse, {}, place=lambda i: f"[{i}]", wishes=wishes)
    if isinstance(value, dict | list):
        return _each([value], predictor.parse, {}, place=lambda _: "", wishes=wishes)
    raise UserError('the JSON body is neither an object nor a list; send {"instances": [...]}')


def _envelope(value: Mapping[str, Any], wrapper: str, predictor: Predictor, wishes: Wishes) -> Batch:
    _refuse_others(value, (wrapper, "configuration"))
    instances, configuration = value[wrapper], value.get("configuration", {})
    if not isinstance(instances, list):
        raise UserError(f"'{wrapper}' is not a list", at=wrapper)
    if not isinstance(configuration, dict):
        raise UserError("'configuration' is not an object", at="configuration")
    if wrapper == "inputs" and _vector(instances):
        return _each([instances], predictor.parse, configuration, place=lambda _: wrapper, wishes=wishes)
    return _each(instances, predictor.parse, configuration, place=lambda i: f"{wrapper}[{i}]", wishes=wishes)


def _split(value: Mapping[str, Any], predictor: Predictor, wishes: Wishes) -> Batch:
    """The form that pandas calls split (contract line 165): vectors have no names, what else there is goes by them."""
    _refuse_others(value, ("columns", "data", "index"))
    names, rows = value["columns"], value["data"]
    if not isinstance(names, list) or not isinstance(rows, list):
        raise UserError("'columns' and 'data' are not two lists")
    for i, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(names):
            raise UserError(f"the row is not a list of {len(names)} cells, one a column", at=f"data[{i}]")
    if not isinstance(predictor, MatrixPredictor):
        rows = [dict(zip(map(str, names), row, strict=True)) for row in rows]
    return _each(rows, predictor.parse, {}, place=lambda i: f"data[{i}]", wishes=wishes)


def _refuse_others(value: Mapping[str, Any], valid: Sequence[str]) -> None:
    for key in value:
        if key not in valid:
            raise UserError(f"'{key[:40]}' does not belong beside '{valid[0]}'{nearest(key, valid)}", at=key[:40])


def _lines(text: str, predictor: Predictor, options: Mapping[str, str], wishes: Wishes) -> Batch:
    found = json_lines.each(text.split("\n"))
    return of_lines(found, JSON_LINES, predictor, options=options, wishes=wishes)


def _rows(text: str, predictor: Predictor, options: Mapping[str, str], wishes: Wishes) -> Batch:
    return of_lines(csv_rows.of(text), CSV, predictor, options=options, wishes=wishes)


def _sparse(text: str, predictor: MatrixPredictor, options: Mapping[str, str], wishes: Wishes) -> Batch:
    from kindred.codecs import libsvm  # NumPy, which the door does without where the predictor does

    return of_lines(libsvm.each(text.split("\n")), LIBSVM, predictor, options=options, wishes=wishes)


def _pairs(predictor: Any) -> Callable[[Any, Mapping[str, Any]], Any]:
    return lambda pairs, _: predictor.parse_sparse(*pairs)


def _records(body: bytes, predictor: MatrixPredictor, _: Mapping[str, str], wishes: Wishes) -> Batch:
    from kindred.codecs import records  # NumPy, which the door does without where the predictor does

    try:
        return _matrix(records.decode(body, most_cells=MOST_CELLS).rows, predictor)
    except UserError:
        if not wishes.keep_bad:
            raise
    return _one_by_one(body, predictor)


def _one_by_one(body: bytes, predictor: MatrixPredictor) -> Batch:
    """The records of a body that holds a bad one. Raises UserError where the frames themselves are broken."""
    from kindred.codecs import recordio, records  # NumPy

    views = recordio.decode(body) if recordio.framed(body) else [memoryview(body)]
    requests: list[Any] = []
    for i, view in enumerate(views):
        try:
            requests += predictor.parse_matrix(records.decode(view, most_cells=MOST_CELLS).rows)
        except UserError as error:
            requests.append(Fault(sentence=error.sentence, at=f"record {i + 1}"))
    return Batch(requests=requests, place=lambda i: f"record {i + 1}")


def _array(body: bytes, predictor: MatrixPredictor, _: Mapping[str, str], __: Wishes) -> Batch:
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
    wishes: Wishes,
) -> Batch:
    ids = None
    if wishes.id_columns:
        ids, values = _parted(values, wishes.id_columns)
    requests: list[Any] = []
    for i, value in enumerate(values):
        try:
            if isinstance(value, UserError):
                raise value
            requests.append(parse(value, options))
        except UserError as error:
            at = error.at if error is value else within(place(i), error.at)
            if wishes.keep_bad:
                requests.append(Fault(sentence=error.sentence, at=at))
                continue
            error.at = at
            raise
    return Batch(requests=requests, place=place, ids=ids)


def _parted(values: Sequence[Any], columns: int) -> tuple[list[Any], list[Any]]:
    """The ids, and what is left of the values; None where an instance carries no id."""
    ids: list[Any] = []
    rest: list[Any] = []
    for value in values:
        if isinstance(value, dict):
            ids.append(value.get("id"))
            rest.append({key: each for key, each in value.items() if key != "id"})
        elif isinstance(value, list) and all(isinstance(cell, str) for cell in value):
            ids.append(value[:columns])
            rest.append(value[columns:])
        else:
            ids.append(None)
            rest.append(value)
    return ids, rest


def _vector(value: list[Any]) -> bool:
    """Numbers alone are one instance, a vector; no instance is a mere number."""
    return bool(value) and all(type(each) in (int, float) for each in value)


_COUNTED = ("line ", "record ")

_READERS: Mapping[str, Callable[[Any, Any, Mapping[str, str], Wishes], Batch]] = {
    JSON.type: _json,
    JSON_LINES.type: _lines,
    CSV.type: _rows,
    LIBSVM.type: _sparse,
    RECORDIO.type: _records,
    NPY.type: _array,
}

_PARSERS: Mapping[str, Callable[[Predictor], Callable[[Any, Mapping[str, Any]], Any]]] = {
    JSON_LINES.type: lambda predictor: predictor.parse,
    CSV.type: lambda predictor: predictor.parse_row,
    LIBSVM.type: _pairs,
}
"""How a predictor takes a line of a family, and the options that CSV alone heeds."""
