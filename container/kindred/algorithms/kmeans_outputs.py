"""What k-means can answer with (contract line 152): one table of outputs, and the answers that are made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kindred.errors import UserError, nearest

Matrix = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """Of n rows: the nearest centre, int32 (n,), its distance, float32 (n,), and all distances, float32 (n, k)."""

    labels: NDArray[np.int32]
    nearest: NDArray[np.float32]
    distances: Matrix


class Chosen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer made of the outputs that were asked for; the others are left out."""

    closest_cluster: float | None = None
    distance_to_cluster: float | None = None
    distances: list[float] | None = None
    one_hot: list[float] | None = None
    top_clusters: list[float] | None = None
    top_distances: list[float] | None = None


TOP = 3
"""How many clusters `top_clusters` names, where there are so many; a number may follow it, as in `top_clusters:5`."""


def _one_hot(found: Found, _: int) -> Matrix:
    hot = np.zeros(found.distances.shape, np.float32)
    hot[np.arange(len(hot)), found.labels] = 1
    return hot


def _ranked(found: Found, top: int) -> NDArray[np.int64]:
    """The nearest centres, nearest first; of equally near ones the one that is answered as the nearest leads."""
    leading = found.distances.copy()
    leading[np.arange(len(leading)), found.labels] = -1
    ranked: NDArray[np.int64] = np.argsort(leading, axis=1, kind="stable")[:, :top]
    return ranked


OUTPUTS: Mapping[str, Callable[[Found, int], Matrix]] = {
    "closest_cluster": lambda found, _: found.labels.astype(np.float32),
    "distance_to_cluster": lambda found, _: found.nearest,
    "distances": lambda found, _: found.distances,
    "one_hot": _one_hot,
    "top_clusters": lambda found, top: _ranked(found, top).astype(np.float32),
    "top_distances": lambda found, top: np.take_along_axis(found.distances, _ranked(found, top), axis=1),
}
"""Each output of n rows as float32 (n,) or (n, numbers); the names are the fields of Chosen."""

Selection = tuple[tuple[str, int], ...]
"""Names of outputs, in the order asked for, and how many clusters those of the top name."""


def selection(names: Sequence[str]) -> Selection:
    """Return what the names select. Raises UserError for an unknown one, or one that stands there twice."""
    chosen = tuple(_one(name) for name in names)
    for i, (name, _) in enumerate(chosen):
        if name in (before for before, _ in chosen[:i]):
            raise UserError(f"'{name}' stands there twice", at="output")
    return chosen


def answers(found: Found, chosen: Selection) -> list[Chosen]:
    """Return an answer a row."""
    columns = {name: OUTPUTS[name](found, top).tolist() for name, top in chosen}
    return [Chosen(**dict(zip(columns, values, strict=True))) for values in zip(*columns.values(), strict=True)]


def cells(answer: Chosen, chosen: Selection) -> list[str]:
    """Return the cells of a line of CSV, lists side by side."""
    return [repr(number) for name, _ in chosen for number in _numbers(getattr(answer, name))]


def columns(made: Sequence[Chosen], chosen: Selection) -> dict[str, Matrix]:
    """Return the labels of records, float32 (n,) or (n, numbers) each."""
    return {name: np.array([getattr(answer, name) for answer in made], np.float32) for name, _ in chosen}


def _one(text: str) -> tuple[str, int]:
    name, colon, top = text.lower().partition(":")
    if name not in OUTPUTS:
        raise UserError(f"'{text[:40]}' is no output{nearest(name, OUTPUTS)}", at="output")
    if not colon:
        return name, TOP
    if not name.startswith("top_") or not top.isdecimal() or not 0 < int(top[:9]) <= 10_000:
        raise UserError(f"'{text[:40]}' is no output; a number from 1 may follow top_clusters alone", at="output")
    return name, int(top)


def _numbers(value: Any) -> Sequence[float]:
    return value if isinstance(value, list) else [value]
