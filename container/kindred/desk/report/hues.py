"""A colour for every cluster: neighbours on the map differ little in hue, and enough in lightness."""

import numpy as np

from kindred.recommender.typing import Floats, Numbers

TONES = 3


def centres(places: Floats, clusters: Numbers) -> dict[int, tuple[float, float]]:
    """Return the middle (median) of each cluster's points: places float32 (m, 2), clusters int32 (m,), ≥ 0."""
    found = {}
    for cluster in np.unique(clusters).tolist():
        x, y = np.median(places[clusters == cluster], axis=0)
        found[cluster] = (float(x), float(y))
    return found


def hues(middles: dict[int, tuple[float, float]]) -> dict[int, tuple[int, int]]:
    """Return each cluster's hue in degrees and its tone, below TONES, in the order of the centres around the map."""
    around = sorted(middles, key=lambda one: (np.arctan2(middles[one][1], middles[one][0]), one))
    return {one: (360 * place // len(around), place % TONES) for place, one in enumerate(around)}
