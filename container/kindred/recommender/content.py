"""Metadata as rows: F = [l2norm(genres) | ½ × decade | ½ × l2norm(further groups)]."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kindred.recommender.typing import Floats, Numbers, Positions


@dataclass(frozen=True, kw_only=True)
class Group:
    """A multi-hot group of features, such as genres: item j has codes[offsets[j]:offsets[j+1]], each below `size`.

    codes int32 (entries,); offsets int64 (n + 1,); `weight` is the length of a row that has any.
    """

    codes: Numbers
    offsets: Positions
    size: int
    weight: float


def features(groups: Sequence[Group]) -> Floats:
    """Return F, float32 (n, Σ size): each group's multi-hot row at the length of its weight, side by side."""
    return np.hstack([_rows(group) for group in groups])


def _rows(group: Group) -> Floats:
    items = len(group.offsets) - 1
    rows = np.zeros((items, group.size), dtype=np.float32)
    rows[np.repeat(np.arange(items), np.diff(group.offsets)), group.codes] = 1.0
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(group.weight * rows / np.maximum(lengths, 1e-12), dtype=np.float32)
