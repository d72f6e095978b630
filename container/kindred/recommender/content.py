"""Metadata as rows: groups of features side by side, each at the length of its weight."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kindred.recommender.typing import Doubles, Floats, Numbers, Positions


@dataclass(frozen=True, kw_only=True)
class Group:
    """A multi-hot group of features, such as genres: item j has codes[offsets[j]:offsets[j+1]], each below `size`.

    codes int32 (entries,); offsets int64 (n + 1,); `weight` is the length of a row that has any.
    """

    codes: Numbers
    offsets: Positions
    size: int
    weight: float


@dataclass(frozen=True, kw_only=True)
class Bumps:
    """A number as a group of features, such as the year: how near it is to each of some centres.

    numbers float64 (n,), NaN where unknown; centres float64 (c,); `breadth` is the bumps' standard deviation.
    """

    numbers: Doubles
    centres: Doubles
    breadth: float
    weight: float


def features(groups: Sequence[Group | Bumps]) -> Floats:
    """Return F, float32 (n, Σ size): each group's row at the length of its weight, zeros where it says nothing."""
    return np.hstack(
        [_scaled(_hot(group) if isinstance(group, Group) else _near(group), group.weight) for group in groups]
    )


def _hot(group: Group) -> Floats:
    items = len(group.offsets) - 1
    rows = np.zeros((items, group.size), dtype=np.float32)
    rows[np.repeat(np.arange(items), np.diff(group.offsets)), group.codes] = 1.0
    return rows


def _near(group: Bumps) -> Floats:
    away = (group.numbers[:, None] - group.centres) / group.breadth
    return np.nan_to_num(np.exp(-0.5 * np.square(away))).astype(np.float32)


def _scaled(rows: Floats, weight: float) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(weight * rows / np.maximum(lengths, 1e-12), dtype=np.float32)
