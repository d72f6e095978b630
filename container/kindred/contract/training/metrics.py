"""The lines that a tuner's regular expressions find in the log (contract lines 75-79)."""

import json
import math
from collections.abc import Mapping

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


def summary(figures: Mapping[str, float], *, algorithm: str, host: str, began_s: float, ended_s: float) -> str:
    """Return the line that sums a job up as the built-in algorithms do: `#metrics` and a JSON object (line 77).

    The times are seconds since 1970; `totaltime` is in milliseconds, as theirs is. Figures that are not finite are left
    out, as JSON has no word for them.
    """
    told = {"totaltime": 1000 * (ended_s - began_s), **figures}
    whole = {
        "StartTime": began_s,
        "EndTime": ended_s,
        "Dimensions": {"Algorithm": algorithm, "Host": host, "Operation": "training"},
        "Metrics": {
            name: {"sum": float(value), "count": 1, "min": float(value), "max": float(value)}
            for name, value in told.items()
            if math.isfinite(value)
        },
    }
    return f"#metrics {json.dumps(whole)}"


def report(name: str, value: float, *, host: str) -> None:
    """Print the lines of one metric, or a warning where it has none."""
    found = lines(name, value, host=host)
    if not found:
        LOGGER.warning("the metric %s is %s, which no tuner can read", name, value)
    for line in found:
        LOGGER.info("%s", line)
