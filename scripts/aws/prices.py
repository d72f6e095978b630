"""What machines cost by the hour: an estimate from a dated table."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .plan import Cost

TABLE = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, kw_only=True)
class Prices:
    """USD an hour by instance type, as of a day and in a region."""

    as_of: str
    region: str
    usd_per_hour: Mapping[str, float]


@cache
def prices() -> Prices:
    """Return the table."""
    with TABLE.open("rb") as file:
        return Prices(**tomllib.load(file))


def hourly(costs: Sequence[Cost]) -> float | None:
    """Return the sum in USD an hour, None where the table misses a machine; spot is counted in full."""
    each = [prices().usd_per_hour.get(cost.instance) for cost in costs]
    if None in each:
        return None
    return sum(cost.count * price for cost, price in zip(costs, each, strict=True) if price is not None)


def sentence(costs: Sequence[Cost]) -> str:
    """Return what a person should know before saying yes, empty where nothing is paid by the hour."""
    if not costs:
        return ""
    machines = " and ".join(f"{cost.count} x {cost.instance}" for cost in costs)
    total = hourly(costs)
    if total is None:
        return f"Starts {machines}; not all of it has a price in our table: see aws.amazon.com/sagemaker/pricing"
    spot = ", less as spot" if any(cost.spot for cost in costs) else ""
    return (
        f"Starts {machines}: about {total:.3f} USD an hour{spot} (estimate for {prices().region} of {prices().as_of})"
    )
