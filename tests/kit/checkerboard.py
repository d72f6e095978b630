"""Users and items of known taste: a user of taste t likes exactly the items of taste t."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True, kw_only=True)
class Checkerboard:
    """seen: users × items, 1 where seen; user_tastes (users,); item_tastes (items,); unseen: the likes held out.

    The right answer for a user is the items of their taste that `seen` does not hold: unseen[user], int64.
    """

    seen: csr_array
    user_tastes: NDArray[np.int64]
    item_tastes: NDArray[np.int64]
    unseen: tuple[NDArray[np.int64], ...]


def checkerboard(users: int, items: int, *, tastes: int = 2, hidden: int = 1, seed: int = 0) -> Checkerboard:
    """Return a board on which user u and item i have tastes u % tastes and i % tastes, `hidden` likes a user unseen."""
    rng = np.random.default_rng(seed)
    user_tastes, item_tastes = np.arange(users) % tastes, np.arange(items) % tastes
    liked = user_tastes[:, None] == item_tastes[None, :]
    unseen = tuple(np.sort(rng.choice(np.flatnonzero(row), hidden, replace=False)) for row in liked)
    for user, numbers in enumerate(unseen):
        liked[user, numbers] = False
    return Checkerboard(
        seen=csr_array(liked.astype(np.float32)), user_tastes=user_tastes, item_tastes=item_tastes, unseen=unseen
    )
