"""Round clusters with known centres, far enough apart that no row is nearer to another's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Blobs:
    """rows float32 (n, d), shuffled; labels int64 (n,) of the blob each came from; centres float64 (k, d)."""

    rows: NDArray[np.float32]
    labels: NDArray[np.int64]
    centres: NDArray[np.float64]


def blobs(k: int, *, each: int = 50, d: int = 8, spread: float = 0.02, seed: int = 0) -> Blobs:
    """Return k blobs of `each` rows in d >= 2 columns; centres have length 1 and keep 12 x `spread` apart."""
    rng = np.random.default_rng(seed)
    centres = _apart(k, d, 12 * spread, rng)
    labels = rng.permutation(np.repeat(np.arange(k), each))
    noise = rng.normal(size=(len(labels), d))
    noise *= spread * np.minimum(1, 5 / np.linalg.norm(noise, axis=1, keepdims=True))
    return Blobs(rows=(centres[labels] + noise).astype(np.float32), labels=labels, centres=centres)


def _apart(k: int, d: int, least: float, rng: np.random.Generator) -> NDArray[np.float64]:
    centres = np.empty((0, d))
    for _ in range(1000 * k):
        fresh = rng.normal(size=d)
        fresh /= np.linalg.norm(fresh)
        if (np.linalg.norm(centres - fresh, axis=1) >= least).all():
            centres = np.vstack([centres, fresh])
        if len(centres) == k:
            return centres
    raise ValueError(f"no room for {k} centres at least {least} apart on the unit sphere in {d} dimensions")
