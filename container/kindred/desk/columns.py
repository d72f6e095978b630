"""The catalogue's columns, in the form in which they are stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
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

    def among(self, wanted: Iterable[str]) -> list[int]:
        """Return the codes of these texts, whatever their case; those that no item can have are passed over."""
        return [code for text in {one.casefold() for one in wanted} for code in self._codes.get(text, ())]

    @cached_property
    def _codes(self) -> Mapping[str, list[int]]:
        """Text without case → its codes; made when first asked for, so that titles cost nobody who filters none."""
        codes: dict[str, list[int]] = {}
        for code in range(len(self.values)):
            codes.setdefault(self.values[code].casefold(), []).append(code)
        return codes


def of_titles(titles: Texts) -> Categorical:
    """Return the titles as a column, a value an item."""
    items = len(titles)
    return Categorical(
        codes=np.arange(items, dtype=np.int32), offsets=np.arange(items + 1, dtype=np.int64), values=titles
    )


Column = Numeric | Categorical
