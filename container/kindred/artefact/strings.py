"""A table of strings that lies in arrays: found by number, or by text where it is indexed, without a dictionary.

Arrays of a table: `blob` uint8 (bytes,) UTF-8; `offsets` int64 (strings + 1,). An indexed one has also `hashes`
uint64 (strings,) ascending, `order` int32 (strings,), the number behind each hash, and `rank` int32 (strings,).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise, repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kindred.errors import Bug, UserError


@dataclass(frozen=True, kw_only=True, eq=False)
class Index:
    """What finds a string by its text. `rank` is each string's place among all in the order of their bytes."""

    hashes: NDArray[np.uint64]
    order: NDArray[np.int32]
    rank: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Strings:
    """Strings by number, `len()` of them; reading one that is damaged raises UserError."""

    name: str
    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    index: Index | None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, number: int) -> str:
        """Return the string of this number. Raises IndexError outside 0 … len − 1: −1 is nobody, not the last."""
        if not 0 <= number < len(self):
            raise IndexError(f"{self.name} has no number {number}; it holds {len(self)}")
        return self._text(int(self.offsets[number]), int(self.offsets[number + 1]))

    def many(self, numbers: Sequence[int] | NDArray[np.integer[Any]]) -> list[str]:
        """Return the strings of these numbers, in their order. Raises IndexError as `[number]` does."""
        asked = np.asarray(numbers, dtype=np.int64)
        if asked.size and not 0 <= asked.min() <= asked.max() < len(self):
            raise IndexError(f"{self.name} holds numbers 0 to {len(self) - 1}; asked {asked.min()} to {asked.max()}")
        begins, ends = self.offsets[asked].tolist(), self.offsets[asked + 1].tolist()
        return [self._text(begin, end) for begin, end in zip(begins, ends, strict=True)]

    def numbers(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of each text, int64 (texts,), −1 where unknown. Raises Bug where there is no index."""
        index = self._indexed()
        if not texts:
            return np.empty(0, np.int64)
        keys = [_key(text) for text in texts]
        asked = _hashes(keys)
        places = np.searchsorted(index.hashes, asked).tolist()
        table = _Rows(index.hashes.data, index.order.data, self.offsets.data, self.blob.data)
        found = map(_find, keys, asked.tolist(), places, repeat(table))
        return np.fromiter(found, np.int64, count=len(keys))

    @property
    def rank(self) -> NDArray[np.int32]:
        """The place of each string in the order of their bytes, int32 (strings,). Raises Bug without an index."""
        return self._indexed().rank

    def _indexed(self) -> Index:
        if self.index is None:
            raise Bug(f"the strings '{self.name}' were written without an index")
        return self.index

    def _text(self, begin: int, end: int) -> str:
        try:
            return self.blob[begin:end].tobytes().decode()
        except UnicodeDecodeError as error:
            raise UserError("the model is damaged: a string is not UTF-8", at=self.name) from error


def pack(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of a table without an index, each named `{name}.…`."""
    keys = [text.encode() for text in texts]
    offsets = np.zeros(len(keys) + 1, np.int64)
    np.cumsum([len(key) for key in keys], out=offsets[1:])
    return {f"{name}.blob": np.frombuffer(b"".join(keys), np.uint8), f"{name}.offsets": offsets}


def pack_index(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the arrays of the table's index, each named `{name}.…`. Raises Bug where a text stands twice."""
    ranked = sorted(range(len(texts)), key=texts.__getitem__)  # code points sort as their UTF-8 bytes do
    for one, next_one in pairwise(ranked):
        if texts[one] == texts[next_one]:
            raise Bug(f"'{texts[one][:80]}' stands twice, at {one} and {next_one}, so it cannot be found", at=name)
    hashes = _hashes([text.encode() for text in texts])
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    rank = np.empty(len(texts), np.int32)
    rank[ranked] = np.arange(len(texts), dtype=np.int32)
    return {f"{name}.hashes": hashes[order], f"{name}.order": order, f"{name}.rank": rank}


def unpack(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Strings]:
    """Return the tables that these arrays hold, by name. Raises UserError where they do not fit together."""
    return {name: _table(name, arrays) for name in sorted({key.rpartition(".")[0] for key in arrays})}


def _table(name: str, arrays: Mapping[str, NDArray[Any]]) -> Strings:
    blob = _part(arrays, f"{name}.blob", np.dtype(np.uint8))
    offsets = _part(arrays, f"{name}.offsets", np.dtype(np.int64))
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(blob) or (offsets[1:] < offsets[:-1]).any():
        raise UserError("the model is damaged: offsets of strings lead outside them", at=name)
    indexed = f"{name}.hashes" in arrays
    return Strings(
        name=name, blob=blob, offsets=offsets, index=_index(name, arrays, len(offsets) - 1) if indexed else None
    )


def _index(name: str, arrays: Mapping[str, NDArray[Any]], count: int) -> Index:
    hashes = _part(arrays, f"{name}.hashes", np.dtype(np.uint64))
    order = _part(arrays, f"{name}.order", np.dtype(np.int32))
    rank = _part(arrays, f"{name}.rank", np.dtype(np.int32))
    inside = all(len(part) == count for part in (hashes, order, rank))
    if not inside or (count and not (_within(order, count) and _within(rank, count))):
        raise UserError("the model is damaged: the index of strings leads outside them", at=name)
    return Index(hashes=hashes, order=order, rank=rank)


def _part(arrays: Mapping[str, NDArray[Any]], key: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    array = arrays.get(key)
    if array is None or array.dtype != dtype or array.ndim != 1 or not array.flags.aligned:
        raise UserError(f"the model is damaged: '{key}' should be an aligned row of {dtype}")
    return array


def _within(numbers: NDArray[np.int32], count: int) -> bool:
    return bool(numbers.min() >= 0 and numbers.max() < count)


class _Rows(NamedTuple):
    """The table as memoryviews: element by element they are several times faster than arrays."""

    hashes: memoryview
    order: memoryview
    offsets: memoryview
    blob: memoryview


def _find(key: bytes, wanted: int, place: int, rows: _Rows) -> int:
    while place < len(rows.hashes) and rows.hashes[place] == wanted:  # two texts may share a hash
        number: int = rows.order[place]
        if rows.blob[rows.offsets[number] : rows.offsets[number + 1]] == key:
            return number
        place += 1
    return -1


def _key(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # half a character matches nothing we wrote, and is no error


def _hashes(keys: Sequence[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(blake2b(key, digest_size=8).digest() for key in keys), "<u8")
