"""The two generated sets that k-means is timed on: blobs that overlap, and the embedding of a generated catalogue."""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from benchmarks.scale.population import generate

WIDTH = 64
BLOBS, BLOB_ROWS, SPREAD = 1024, 200_000, 0.9
ITEMS, INTERACTIONS = 200_000, 10_000_000


def blobs(rng: np.random.Generator) -> np.ndarray:
    """Return BLOB_ROWS rows of BLOBS normal blobs whose centres are normal, too."""
    return rows_of_blobs(BLOB_ROWS, rng)


def rows_of_blobs(count: int, rng: np.random.Generator) -> np.ndarray:
    centres = np.random.default_rng(0).standard_normal((BLOBS, WIDTH), np.float32)
    rows = rng.standard_normal((count, WIDTH), np.float32)
    rows *= SPREAD
    rows += centres[rng.integers(0, BLOBS, count)]
    return rows


def embedding(rng: np.random.Generator) -> np.ndarray:
    """Return V·S, one row an item, of a truncated SVD of the scale benchmark's population, popularity damped."""
    made = generate(items=ITEMS, interactions=INTERACTIONS, rng=rng)
    users = len(made.starts) - 1
    likes = (np.ones(len(made.items), np.float32), made.items, made.starts)
    matrix = sparse.csr_matrix(likes, shape=(users, ITEMS))
    seen = 1 + np.bincount(made.items, minlength=ITEMS)
    damped = matrix @ sparse.diags_array(seen.astype(np.float32) ** -0.25)
    _, lengths, axes = randomized_svd(damped, WIDTH, n_iter=2, random_state=0)
    rows = (axes.T * lengths).astype(np.float32)
    return np.ascontiguousarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))


SETS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {"blobs": blobs, "embedding": embedding}
