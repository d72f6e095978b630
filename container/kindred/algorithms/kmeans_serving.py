"""The nearest centre of a vector: k-means as `serve` asks it, in the built-in's shapes (contract lines 164-169)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kindred.algorithms import kmeans_outputs as outputs
from kindred.algorithms.kmeans_outputs import Chosen, Found, Selection
from kindred.artefact import shelf
from kindred.clustering.distances import distances
from kindred.clustering.nearest import nearest
from kindred.clustering.space import Scoring, scoring
from kindred.codecs import csv_rows, dense, vectors
from kindred.errors import UserError

NAME = "kmeans"
CENTROIDS = "centroids"
SIZES = "sizes"
"""How many of the rows that it was trained on are nearest to each centre, int64 (k,)."""
WEIGHTS = "weights"
"""How many rows each centre stands for, float64 (k,), those of earlier models among them; where there were any."""

LARGEST = 1e18
"""Beyond it a number cannot be squared in float32; neither training nor answering takes any."""

Row = NDArray[np.float32]


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """The number of the nearest centre, a float as the built-in has it, and the Euclidean distance, not squared."""

    closest_cluster: float
    distance_to_cluster: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Closest:
    """Centres, float32 (k, d), ready to answer; it keeps the promises of the front door's `MatrixPredictor`.

    `chosen` says what with; where it is empty, with what the built-in answers with.
    """

    centroids: NDArray[np.float32]
    chosen: Selection = ()

    def parse(self, value: Any, options: Mapping[str, Any]) -> Row:
        """Turn a JSON instance, in any of the built-in's forms, into a row (d,). Raises UserError."""
        for option in options:
            raise UserError(f"the configuration holds '{option[:40]}', but kmeans has no options")
        return vectors.from_json(value, width=self._width)

    def parse_row(self, cells: Sequence[str], options: Mapping[str, Any]) -> Row:
        """Turn a CSV line into a row (d,), without the labels that the option `label_size` counts. Raises UserError."""
        row = _numbers(cells[_label_size(options) :])
        if len(row) != self._width:
            raise UserError(f"the row has {len(row)} numbers, and the model's rows have {self._width}")
        return row

    def parse_matrix(self, rows: NDArray[np.float32]) -> Sequence[Row]:
        """Turn a matrix (n, d) into its rows. Raises UserError for another width."""
        if len(rows) and rows.shape[1] != self._width:
            raise UserError(f"the rows have {rows.shape[1]} numbers, and the model's rows have {self._width}")
        return list(rows)

    def parse_sparse(self, indices: Sequence[int], values: Sequence[float]) -> Row:
        """Turn values at ascending indices into a row (d,), zeros elsewhere. Raises UserError for one beyond d."""
        if indices and indices[-1] >= self._width:
            raise UserError(
                f"the index {indices[-1]} is outside of the model's {self._width} numbers, "
                f"whose indices are 0 to {self._width - 1}"
            )
        row = np.zeros(self._width, np.float32)
        row[list(indices)] = values
        return row

    def answering(self, names: Sequence[str]) -> "Closest":
        """Return the same centres, which answer with these outputs. Raises UserError for an unknown one."""
        return replace(self, chosen=outputs.selection(names))

    def predict(self, requests: Sequence[Row]) -> list[Prediction] | list[Chosen]:
        """Return the nearest centre of every row, in order; of several equally near any. Raises UserError, `at` [i]."""
        rows = np.array(requests)
        if np.abs(rows).max() > LARGEST:
            large = np.flatnonzero(np.abs(rows).max(axis=1) > LARGEST)
            raise UserError(f"the row holds a number beyond {LARGEST:g}", at=f"[{large[0]}]")
        labels, lengths = nearest(rows, self.centroids, scored=self._scored)
        if self.chosen:
            found = Found(labels=labels, nearest=lengths, distances=distances(rows, self.centroids))
            return outputs.answers(found, self.chosen)
        return [
            Prediction(closest_cluster=float(label), distance_to_cluster=length)
            for label, length in zip(labels.tolist(), lengths.tolist(), strict=True)
        ]

    def row(self, prediction: Any) -> list[str]:
        """Return the number of the nearest centre and the distance, or what was chosen."""
        if self.chosen:
            return outputs.cells(prediction, self.chosen)
        return [repr(prediction.closest_cluster), repr(prediction.distance_to_cluster)]

    def columns(self, predictions: Sequence[Any]) -> dict[str, NDArray[np.float32]]:
        """Return the labels of the built-in's records, float32 (n,) each, or what was chosen."""
        if self.chosen:
            return outputs.columns(predictions, self.chosen)
        names = Prediction.__struct_fields__
        return {name: np.array([getattr(each, name) for each in predictions], np.float32) for name in names}

    def figures(self, predictions: Sequence[Any]) -> dict[str, float]:
        """Return the mean distance: where it grows, what is asked moves away from what was trained on."""
        found = [each.distance_to_cluster for each in predictions if each.distance_to_cluster is not None]
        return {"distance_to_cluster": float(np.mean(found))} if found else {}

    @cached_property
    def _scored(self) -> Scoring:
        return scoring(self.centroids)

    @property
    def _width(self) -> int:
        return int(self.centroids.shape[1])


def opened(folder: Path) -> Closest:
    """Open the artefact in `folder`. Raises UserError where it is damaged, or not one of k-means."""
    artefact = shelf.open(folder)
    if artefact.manifest.algorithm != NAME:
        made = artefact.manifest.algorithm[:80]
        raise UserError(f"the model was made by the algorithm '{made}', not by '{NAME}'", at="manifest.json")
    centroids = artefact.arrays.get(CENTROIDS)
    if centroids is None or centroids.dtype != np.float32 or centroids.ndim != 2 or not centroids.size:
        raise UserError(f"the model is damaged: '{CENTROIDS}' should be a matrix of float32", at="manifest.json")
    if not np.isfinite(centroids).all():
        raise UserError(f"the model is damaged: '{CENTROIDS}' holds a number that is not finite", at="manifest.json")
    return Closest(centroids=centroids)


def _numbers(cells: Sequence[str]) -> Row:
    if not cells:
        raise UserError("the line holds no numbers")
    try:
        numbers = [*map(float, cells)]
    except ValueError:
        return _careful(cells)
    # Python reads what is no number elsewhere: nan, inf, 1_000. No sum of absolute values hides one, or hides one that
    # float32 cannot hold.
    plain = sum(map(abs, numbers)) <= dense.LARGEST and "_" not in "".join(cells)
    return np.array(numbers, np.float32) if plain else _careful(cells)


def _careful(cells: Sequence[str]) -> Row:
    """Say which cell is no number."""
    if not any(cell.strip() for cell in cells):
        raise UserError("the cells of the line are all blank; every cell is a number such as 1.5 or -2e3")
    try:
        return np.asarray(vectors.from_csv(csv_rows.encode([cells]).decode())[0], np.float32)
    except UserError as error:
        error.at = (error.at or "").removeprefix("line 1, ").removeprefix("line 1") or None
        raise


def _label_size(options: Mapping[str, Any]) -> int:
    text = str(options.get("label_size", "0"))
    if not text.isdecimal():
        raise UserError(f"label_size is '{text[:20]}'; expected a whole number", at="Content-Type")
    return int(text)
