"""What tells one set of data from another: a digest that no order of rows or files can change."""

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kindred.data.splitmix import Hashes, mix
from kindred.data.values import Catalogue, Column, Interactions

_ROWS = 1 << 20  # so the temporaries stay small beside the data


def fingerprint(interactions: Interactions, catalogue: Catalogue) -> str:
    """Return 64 hexadecimal digits, equal for equal content, whatever the order and the versions of libraries.

    Each event and each cell of the catalogue is a 64-bit hash of its strings (BLAKE2b) and of its numbers' bits
    (splitmix64, Steele, Lea & Flood 2014); hashes are summed modulo 2^64, and SHA-256 closes the sums and counts.
    """
    items = _hashes(catalogue.ids)
    parts = (
        len(interactions.users),
        _events(interactions, items),
        len(catalogue.ids),
        _total(mix(items, _hashes(catalogue.titles)) * (catalogue.described.astype(np.uint64) + np.uint64(1))),
        *sorted(_column(name, column, items) for name, column in catalogue.columns.items()),
        interactions.ratings is not None,
        interactions.timestamps is not None,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _events(interactions: Interactions, items: Hashes) -> int:
    users, total = _hashes(interactions.user_ids), 0
    for start in range(0, len(interactions.users), _ROWS):
        rows = slice(start, start + _ROWS)
        hashes = mix(users[interactions.users[rows]], items[interactions.items[rows]])
        if interactions.ratings is not None:
            hashes = mix(hashes, _bits(interactions.ratings[rows]))
        if interactions.timestamps is not None:
            hashes = mix(hashes, _bits(interactions.timestamps[rows]))
        if interactions.settled is not None:
            hashes = mix(hashes, _bits(interactions.settled[rows].astype(np.float32)))
        total += _total(hashes)
    return total % 2**64


def _column(name: str, column: Column, items: Hashes) -> int:
    owner = mix(items, _hashes([name]))
    if column.numbers is not None:
        known = ~np.isnan(column.numbers)
        return _total(mix(owner[known], _bits(column.numbers[known])))
    assert column.codes is not None
    assert column.offsets is not None
    return _total(mix(np.repeat(owner, np.diff(column.offsets)), _hashes(column.values)[column.codes]))


def _hashes(strings: Iterable[str]) -> Hashes:
    digests = b"".join(hashlib.blake2b(string.encode(), digest_size=8).digest() for string in strings)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _bits(numbers: NDArray[np.float32] | NDArray[np.float64]) -> Hashes:
    # Adding zero makes one of the two zeros.
    return (numbers.astype(np.float64) + 0.0).view(np.uint64)


def _total(hashes: Hashes) -> int:
    return int(hashes.sum(dtype=np.uint64))
