"""Numbers as they are shown: to seven digits."""

import numpy as np

from kindred.recommender.typing import Doubles

DIGITS = 7
"""Enough to write down without loss what scores are settled to."""

_BOUNDS = np.array([float(f"1e{power}") for power in range(-15, 8)])
_TENS = np.array([np.nan, *(float(10 ** (DIGITS - 1 - power)) for power in range(-15, 7)), np.nan])
"""For a number between two bounds, what makes a whole number of it whose digits are those shown.

A float64 holds these powers of ten exactly: what is divided by one is rounded once, as it is where text is read.
"""
_NEAR_HALF = 1e-6


def figures(numbers: Doubles) -> list[float]:
    """Return the numbers, float64 (n,), to the digits that are shown; never −0."""
    tens = _TENS[_BOUNDS.searchsorted(np.abs(numbers), side="right")]
    scaled = numbers * tens
    whole = np.rint(scaled)
    found: list[float] = (whole / tens).tolist()
    sure = np.abs(np.abs(scaled - whole) - 0.5) > _NEAR_HALF
    if not sure.all():
        for place in np.flatnonzero(~sure).tolist():
            found[place] = _figure(float(numbers[place]))
    return found


def _figure(number: float) -> float:
    return float(f"{number:.{DIGITS}g}") + 0.0
