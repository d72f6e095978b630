"""The page of the serving benchmark."""

from collections.abc import Mapping, Sequence
from typing import Any

PAGE = """\
# `serve` beside the servers that users know

One machine, {machine}; the caller, of all servers alike, is {caller}, one process beside the server, on the same
cores, with kept connections, each of which asks again as soon as it is answered. Every server has two workers. Medians
of {rounds} rounds, in each of which all servers had {seconds:g} s at every number of callers, in turn. The load average
was {low:.1f} to {high:.1f}.

{table}

"µs" is the server's own processor time for a request, all its processes, over all three. Ours log a line a request.

- **sample**: {front}gunicorn with gevent workers, Flask, pandas for the row, scikit-learn's `KMeans.predict`; the stack
  that AWS's bring-your-own sample describes.
- **MLServer**: its scikit-learn runtime, the same model, the same row in the V2 protocol.
- **ours, k-means**: the same centres, the same row of CSV ({width} numbers, {centres} centres).
- **ours, recommender**: the ten best of a generated catalogue of 100,000 items, with reasons, for a history of 50.

| requests a second | at 1 | at 8 | at 32 |
|---|--:|--:|--:|
| ours / sample | {ours_sample} |
| ours / MLServer | {ours_mlserver} |

## From start to the first 200 of `/ping`

| items | seconds | private memory of a worker, MB | allocated by a request, at most, MB |
|--:|--:|--:|--:|
{starts}

Private memory is what a worker holds for itself after it has answered; pages of the mapped model are everybody's.

## A hundred instances at once

{together:,.0f} instances a second in requests of a hundred, {one_by_one:,.0f} in requests of one, by one caller.
"""

WRK = "[wrk](https://github.com/wg/wrk) with one thread"

NAMES = {
    "sample": "sample",
    "mlserver": "MLServer",
    "kmeans": "**ours, k-means**",
    "recommender": "**ours, recommender**",
}


def page(found: Mapping[str, Any]) -> str:
    """Return the page of what was found, as `run` keeps it."""
    rows = found["rows"]
    low, high = found["load"]
    return PAGE.format(
        machine=found["machine"],
        rounds=found["rounds"],
        seconds=found["seconds"],
        low=low,
        high=high,
        table=_table(rows, found["cpu_us"]),
        caller=WRK if found["wrk"] else "a program of the benchmark's own in Python (wrk is not installed here)",
        front="nginx, " if found["nginx"] else "(nginx is not installed here, and is left out) ",
        width=found["width"],
        centres=found["centres"],
        ours_sample=_ratios(rows["kmeans"], rows["sample"]),
        ours_mlserver=_ratios(rows["kmeans"], rows["mlserver"]),
        starts="\n".join(
            f"| {each['items']:,} | {each['ready_s']:.2f} | {each['private_mb']:.1f} | {each['allocated_mb']:.2f} |"
            for each in found["starts"]
        ),
        **found["together"],
    )


def _table(rows: Mapping[str, Sequence[Mapping[str, float]]], cpu_us: Mapping[str, float]) -> str:
    heads = " | ".join(f"at {each['callers']:.0f}: a second | p50, ms | p99, ms" for each in rows["kmeans"])
    lines = [f"| | {heads} | µs |", "|---|" + "--:|" * (3 * len(rows["kmeans"]) + 1)]
    for name, figures in rows.items():
        cells = " | ".join(
            f"{each['per_second']:,.0f} | {each['p50_ms']:.2f} | {each['p99_ms']:.1f}" for each in figures
        )
        lines.append(f"| {NAMES[name]} | {cells} | {cpu_us[name]:,.0f} |")
    return "\n".join(lines)


def _ratios(ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]]) -> str:
    return " | ".join(f"{one['per_second'] / other['per_second']:.1f}" for one, other in zip(ours, theirs, strict=True))
