"""A table of strings that lies in arrays: found by number, or by text where it is indexed, without a dictionary.

Arrays of a table: `blob` uint8 (bytes,) UTF-8; `offsets` int64 (strings + 1,). An indexed one has also `hashes`
uint64 (strings,) ascending, `order` int32 (strings,), the number behind each hash, and `rank` int32 (strings,).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kindred.errors import Bug, UserError

WIDEST_BYTES = 64
"""Longer texts than this are put in order one by one: in a table of equal cells they would take the memory of many."""


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
        return self._texts([self.blob[self.offsets[number] : self.offsets[number + 1]].tobytes()])[0]

    def many(self, numbers: Sequence[int] | NDArray[np.integer[Any]]) -> list[str]:
        """Return the strings of these numbers, in their order. Raises IndexError as `[number]` does."""
        asked = np.asarray(numbers, dtype=np.int64)
        if asked.size and not 0 <= asked.min() <= asked.max() < len(self):
            raise IndexError(f"{self.name} holds numbers 0 to {len(self) - 1}; asked {asked.min()} to {asked.max()}")
        return self._texts(self._keys(asked))

    def numbers(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of each text, int64 (texts,), −1 where unknown. Raises Bug where there is no index."""
        index = self._indexed()
        found = np.full(len(texts), -1, np.int64)
        if not texts or not len(self):
            return found
        keys = [text.encode("utf-8", "surrogatepass") for text in texts]  # half a character is unknown, and no error
        asked = _hashes(keys)
        places = np.minimum(index.hashes.searchsorted(asked), len(self) - 1)
        alike = (index.hashes[places] == asked).nonzero()[0]
        keys = [keys[place] for place in alike.tolist()]
        found[alike] = index.order[places[alike]]
        if self._keys(found[alike]) != keys:  # a hash that two texts share: each is looked for by itself
            found[alike] = [self._find(key, place) for key, place in zip(keys, places[alike].tolist(), strict=True)]
        return found

    @property
    def rank(self) -> NDArray[np.int32]:
        """The place of each string in the order of their bytes, int32 (strings,). Raises Bug without an index."""
        return self._indexed().rank

    def _indexed(self) -> Index:
        if self.index is None:
            raise Bug(f"the strings '{self.name}' were written without an index")
        return self.index

    def _find(self, key: bytes, place: int) -> int:
        """The number of the key among all whose hash is that at this place, the first such; −1 where unknown."""
        index = self._indexed()
        shared = index.order[place : index.hashes.searchsorted(index.hashes[place], side="right")]
        stored = self._keys(shared)
        return int(shared[stored.index(key)]) if key in stored else -1

    def _keys(self, numbers: NDArray[np.integer[Any]]) -> list[bytes]:
        begins, ends = self.offsets[numbers].tolist(), self.offsets[numbers + 1].tolist()
        blob = self.blob.data  # a memoryview is sliced several times faster than an array
        return [blob[begin:end].tobytes() for begin, end in zip(begins, ends, strict=True)]

    def _texts(self, keys: Sequence[bytes]) -> list[str]:
        try:
            return [key.decode() for key in keys]
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
    keys = [text.encode() for text in texts]
    if len(set(keys)) < len(keys):
        raise _twice(name, texts)
    hashes, ranked = _hashes(keys), _ranked(keys)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    rank = np.empty(len(texts), np.int32)
    rank[ranked] = np.arange(len(texts), dtype=np.int32)
    return {f"{name}.hashes": hashes[order], f"{name}.order": order, f"{name}.rank": rank}


def unpack(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Strings]:
    """Return the tables that these arrays hold, by name. Raises UserError where they do not fit together."""
    return {name: _table(name, arrays) for name in sorted({key.rpartition(".")[0] for key in arrays})}


def _ranked(keys: Sequence[bytes]) -> NDArray[np.int64]:
    """The numbers of the keys in the order of their bytes, int64 (keys,)."""
    lengths = np.array([len(key) for key in keys], np.int64)
    if lengths.max(initial=0) > WIDEST_BYTES:
        return np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)
    # NumPy takes zero bytes at the end for padding: of keys that differ in nothing else the shorter comes first.
    return np.lexsort((lengths, np.array(keys, np.bytes_)))


def _twice(name: str, texts: Sequence[str]) -> Bug:
    text = min(text for text, times in Counter(texts).items() if times > 1)
    first = texts.index(text)
    again = texts.index(text, first + 1)
    return Bug(f"'{text[:80]}' stands twice, at {first} and {again}, so it cannot be found", at=name)


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


def _hashes(keys: Sequence[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(blake2b(key, digest_size=8).digest() for key in keys), "<u8")
