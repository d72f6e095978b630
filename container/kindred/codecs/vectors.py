"""Texts and arrays in the forms that people send to k-means become vectors (contract lines 47, 51, 165, 166).

Every function returns float32, finite, and raises UserError, `at` the place in the body, for what is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.codecs import csv_numbers, dense, json_lines, npy
from kindred.errors import UserError, nearest

BESIDE = ("configuration", "label", "metadata", "uid")
"""What an instance may carry beside its features, after the fields of Record; none of it is read here."""


def from_csv(text: str, *, label_size: int = 0) -> NDArray[np.float32]:
    """Return the matrix (n, d) that the lines spell, without the first `label_size` columns; no lines have (0, 0).

    Lines at the end may be empty, none before; a header line is refused as such.
    """
    return csv_numbers.decode(text, skip=label_size)


def from_npy(body: bytes | memoryview) -> NDArray[np.float32]:
    """Return the array (n, d) that .npy holds; (d,) is one row."""
    rows = np.atleast_2d(dense.narrow(npy.decode(body)))
    bad = dense.unbounded(rows)
    if bad is not None:
        raise UserError("the row holds a number that is not finite as float32", at=f"[{bad}]")
    return rows


def from_json(value: Any, *, width: int | None = None) -> NDArray[np.float32]:
    """Return the row (d,) of one instance, d = `width` where that is given; `at` is relative, such as `.features[2]`.

    An instance is a list of numbers, {"values": list}, {"keys": list, "shape": [d], "values": list}, or one of these
    under `features`, under `data.features`, or under `data`.
    """
    features, at = _unwrapped(value)
    if not isinstance(features, Mapping):
        features, values_at = {"values": features}, at
    else:
        _refuse_others(features, ("keys", "shape", "values"), within=f"{at}.")
        values_at = f"{at}.values"
    values = _numbers(features.get("values", []), values_at)
    keys, shape = (_integers(features.get(name, []), f"{at}.{name}") for name in ("keys", "shape"))
    try:
        return dense.row(values, keys=np.array(keys, np.uint64), shape=shape, width=width)
    except UserError as error:
        error.at = at or None
        raise


def from_json_document(value: Any) -> NDArray[np.float32]:
    """Return the matrix (n, d) of a whole JSON body; no instances have (0, 0).

    A body is a list of instances, such a list under `instances` or `inputs`, one instance, or pandas' split form of
    `columns` and `data`.
    """
    if isinstance(value, Mapping) and "columns" in value:
        return _split(value)
    place = ""
    for wrapper in ("instances", "inputs"):
        if isinstance(value, Mapping) and wrapper in value:
            _refuse_others(value, (wrapper, "configuration"))
            value, place = value[wrapper], wrapper
    if isinstance(value, list) and not (value and _flat(value)):
        return _stack(value, [f"{place}[{i}]" for i in range(len(value))])
    return _stack([value], [place])


def from_json_lines(text: str) -> NDArray[np.float32]:
    """Return the matrix (n, d) of one instance a line, in any mixture of forms; no lines have (0, 0)."""
    lines = json_lines.decode(text)
    return _stack([value for _, value in lines], [f"line {number}" for number, _ in lines])


def parts_of_json_lines(text: str, *, part_bytes: int) -> Iterator[NDArray[np.float32]]:
    """Yield the rows of `from_json_lines` in parts of about `part_bytes`, all of one width."""
    waiting: list[NDArray[np.float32]] = []
    weight, width = 0, None
    for number, value in json_lines.decode(text):
        try:
            row = from_json(value, width=width)
        except UserError as error:
            error.at = _within(f"line {number}", error.at)
            raise
        waiting.append(row)
        weight, width = weight + row.nbytes, len(row)
        if weight >= part_bytes:
            yield np.stack(waiting)
            waiting, weight = [], 0
    if waiting:
        yield np.stack(waiting)


def _split(value: Mapping[str, Any]) -> NDArray[np.float32]:
    _refuse_others(value, ("columns", "data", "index"))
    columns, data = value["columns"], value.get("data")
    if not isinstance(columns, list) or not isinstance(data, list):
        raise UserError("'columns' and 'data' are not two lists")
    rows = _stack(data, [f"data[{i}]" for i in range(len(data))])
    if len(rows) and rows.shape[1] != len(columns):
        raise UserError(f"the row has {rows.shape[1]} numbers, and there are {len(columns)} columns", at="data[0]")
    return rows


def _stack(values: Sequence[Any], places: Sequence[str]) -> NDArray[np.float32]:
    rows: list[NDArray[np.float32]] = []
    for value, place in zip(values, places, strict=True):
        try:
            rows.append(from_json(value, width=len(rows[0]) if rows else None))
        except UserError as error:
            error.at = _within(place, error.at)
            raise
        if len(rows) * len(rows[0]) > dense.MOST:
            raise UserError(f"the rows spread to more than {dense.MOST} numbers; send fewer at a time", at=place)
    return np.stack(rows) if rows else np.zeros((0, 0), np.float32)


def _within(place: str, at: str | None) -> str | None:
    if not at:
        return place or None
    return f"{place}, {at.lstrip('.')}" if place.startswith("line ") else f"{place}{at}".lstrip(".")


def _unwrapped(value: Any) -> tuple[Any, str]:
    at = ""
    for wrapper in ("data", "features"):
        if isinstance(value, Mapping) and wrapper in value:
            _refuse_others(value, (wrapper, *BESIDE), within=f"{at}.")
            value, at = value[wrapper], f"{at}.{wrapper}"
    return value, at


def _numbers(values: Any, at: str) -> NDArray[np.float32]:
    if not isinstance(values, list):
        raise UserError(f"expected a list of numbers, found {_called(values)}", at=at or None)
    if not _flat(values):
        i, stranger = next((i, each) for i, each in enumerate(values) if type(each) not in (int, float))
        raise UserError(f"expected a number, found {_called(stranger)}", at=f"{at}[{i}]")
    try:
        row = dense.narrow(np.array(values, np.float64))
        finite = bool(np.isfinite(row).all())
    except OverflowError:
        finite = False
    if not finite:
        i = next(i for i, each in enumerate(values) if not abs(each) <= dense.LARGEST)
        raise UserError("the number is out of the range of float32", at=f"{at}[{i}]")
    return row


def _integers(values: Any, at: str) -> list[int]:
    if not isinstance(values, list) or any(type(each) is not int or not 0 <= each < 1 << 64 for each in values):
        raise UserError("expected a list of integers from 0", at=at)
    return values


def _flat(values: Sequence[Any]) -> bool:
    """True and False, which Python takes for integers, are no numbers here."""
    return set(map(type, values)) <= {int, float}


def _called(value: Any) -> str:
    return _NAMES.get(type(value), "an object")


_NAMES = {str: "text", bool: "true or false", type(None): "null", list: "a list", int: "a number", float: "a number"}


def _refuse_others(value: Mapping[str, Any], valid: Sequence[str], *, within: str = "") -> None:
    for key in value:
        if key not in valid:
            raise UserError(f"the key '{key[:40]}' does not belong here{nearest(key, valid)}", at=f"{within}{key[:40]}")
