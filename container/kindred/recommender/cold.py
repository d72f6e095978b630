"""Items nobody has met yet: a ridge from metadata to the vectors that viewers' choices would have given them."""

import numpy as np

from kindred.recommender.typing import Floats


def fit_map(content: Floats, vectors: Floats, *, ridge: float) -> Floats:
    """Return R float32 (f, d) that minimises ‖F R − vectors‖² + ridge ‖R‖²; float32 (n, f) and (n, d) in."""
    features = content.astype(np.float64)
    system = features.T @ features + ridge * np.eye(features.shape[1])
    solution = np.linalg.solve(system, features.T @ vectors.astype(np.float64))
    return solution.astype(np.float32)
