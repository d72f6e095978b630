"""Figures are what Python writes with seven digits, whatever the number."""

import math

import numpy as np
import pytest

from kindred.desk.figures import figures


def written(number):
    return float(f"{number:.7g}") + 0.0


CHANCE = np.random.default_rng(0)
WHOLE, SHIFT = CHANCE.integers(10**6, 10**7, 50_000), CHANCE.integers(0, 12, 50_000)
KINDS = {
    "any size": CHANCE.normal(size=50_000) * 10.0 ** CHANCE.integers(-20, 12, 50_000),
    "float32": CHANCE.normal(size=50_000).astype(np.float32).astype(np.float64),
    "seven digits": WHOLE / 10.0**SHIFT,
    "half way": (WHOLE + 0.5) / 10.0**SHIFT,
    "just under half way": np.nextafter((WHOLE + 0.5) / 10.0**SHIFT, 0),
    "just over half way": np.nextafter((WHOLE + 0.5) / 10.0**SHIFT, np.inf),
    "powers of ten": np.array([float(f"1e{power}") for power in range(-30, 30)]),
    "just under powers of ten": np.nextafter([float(f"1e{power}") for power in range(-30, 30)], 0),
    "ends": np.array([0.0, 5e-324, 1e-16, 1e-15, 9999999.5, 99999995.0, 1e22, 1e308, 123456.25, 123456.75]),
}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("numbers", KINDS.values(), ids=KINDS)
def test_figures_are_what_is_written(numbers, sign):
    assert figures(sign * numbers) == [written(number) for number in (sign * numbers).tolist()]


def test_nothing_is_minus_nothing():
    assert [math.copysign(1, figure) for figure in figures(np.array([0.0, -0.0]))] == [1, 1]


def test_no_numbers_are_no_figures():
    assert figures(np.empty(0)) == []
