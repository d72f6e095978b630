"""The order of events: by user, then by time."""

import numpy as np
from numpy.typing import NDArray


def by_user(users: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the rows in order of user number, and of the file within a user: int64 (rows,)."""
    return np.argsort((users.astype(np.int64) << 32) | np.arange(len(users)))


def by_user_and_time(
    users: NDArray[np.int32],
    timestamps: NDArray[np.float64],
    *,
    items: NDArray[np.int32],
    ratings: NDArray[np.float32] | None,
) -> NDArray[np.int64]:
    """Return the rows in order of user, time, item and rating, int64 (rows,): the same whatever their order was."""
    # One whole number a row sorts five times as fast as four columns; it holds the user and as much of the time as
    # fits in 63 bits, and only rows that it leaves equal are compared in full.
    bits = 63 - int(users.max(initial=0)).bit_length()
    start, end = (timestamps.min(), timestamps.max()) if len(timestamps) else (0.0, 0.0)
    scale = min(1000.0, (2.0**bits - 1024) / max(end - start, 1.0))
    keys = (users.astype(np.int64) << bits) | ((timestamps - start) * scale).astype(np.int64)
    order = np.argsort(keys)
    ties = _equal_to_a_neighbour(keys[order])
    if ties.any():
        tied = order[ties]
        least = (items[tied],) if ratings is None else (ratings[tied], items[tied])
        order[ties] = tied[np.lexsort((*least, timestamps[tied], users[tied]))]
    return order


def _equal_to_a_neighbour(ordered: NDArray[np.int64]) -> NDArray[np.bool_]:
    same = ordered[1:] == ordered[:-1]
    ties = np.zeros(len(ordered), dtype=np.bool_)
    ties[1:] |= same
    ties[:-1] |= same
    return ties
