"""The lines that a tuner's regular expressions find in the log (contract lines 75-79)."""

import math

from kindred.contract.log import LOGGER


def lines(name: str, value: float, *, host: str) -> tuple[str, ...]:
    """Return the lines of one metric: `name=value`, and for `test:msd` the line that the built-in algorithms print.

    The value is the shortest decimal that reads back as the same float64. A value that is not finite has no line,
    because a regular expression that finds `nan` fails the tuning job.
    """
    if not math.isfinite(value):
        return ()
    figure = repr(float(value))
    split, _, measure = name.partition(":")
    if not measure:
        return (f"{name}={figure}",)
    return f"{name}={figure}", f"#quality_metric: host={host}, {split} {measure} <loss>={figure}"


def report(name: str, value: float, *, host: str) -> None:
    """Print the lines of one metric, or a warning where it has none."""
    found = lines(name, value, host=host)
    if not found:
        LOGGER.warning("the metric %s is %s, which no tuner can read", name, value)
    for line in found:
        LOGGER.info("%s", line)
