"""The catalogue's columns, in the form in which they are stored."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Texts(Protocol):
    """Strings by number: a tuple while training, a mapped table while serving."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Numeric:
    """A number an item, float64 (n,), NaN where absent."""

    numbers: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Categorical:
    """Any count of values an item: item j has codes[offsets[j]:offsets[j+1]], int32, each an index into `values`."""

    codes: NDArray[np.int32]
    offsets: NDArray[np.int64]
    values: Texts


Column = Numeric | Categorical
