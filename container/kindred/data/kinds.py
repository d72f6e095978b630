"""Kinds of events (view, cart, purchase) and how much each says: what they add up to is a liking, or not yet."""

from collections.abc import Mapping, Sequence

import polars as pl

from kindred.data.earlier import SETTLED
from kindred.errors import UserError, nearest

FULL = 1.0
"""A user likes an item once the weights of the events between them reach this; a kind without a weight has it."""

ROUNDING = 1e-9
"""Ten events of 0.1 are enough, whatever their sum is in binary."""


def weights(pairs: Sequence[str]) -> Mapping[str, float]:
    """Return what the hyperparameter event_weights holds, entries `kind=weight`, as a mapping."""
    return {kind: float(weight) for kind, _, weight in (pair.rpartition("=") for pair in pairs)}


def weighed(events: pl.DataFrame, weight: Mapping[str, float]) -> tuple[pl.DataFrame, list[str]]:
    """Return the events with the column SETTLED, 1 from the event on that completes a liking, 0 before; and notes.

    The weights of a user's events of an item are added up in order of time, or of the rows where there are no times.
    Ratings have no say then. Without weights the events come back as they are. Raises UserError where no event has a
    type, and where a weight names a type that none has.
    """
    if not weight or not events.height:
        return events, []
    if "event_type" not in events.columns:
        raise UserError("event_weights were given, but the interactions have no column event_type")
    kinds = events["event_type"].cast(pl.String).unique().drop_nulls().sort().to_list()
    for kind in weight:
        if kind not in kinds:
            raise UserError(
                f"event_weights names '{kind}', but no interaction has that event_type{nearest(kind, kinds)}"
            )
    each = pl.col("event_type").cast(pl.String).replace_strict(dict(weight), default=FULL, return_dtype=pl.Float64)
    order = "timestamp" if "timestamp" in events.columns else None
    sums = each.cum_sum().over("user_id", "item_id", order_by=order)
    return events.with_columns((sums >= FULL - ROUNDING).cast(pl.Int8).alias(SETTLED)), [_told(weight, kinds)]


def occurring(events: pl.DataFrame, weight: Mapping[str, float]) -> Mapping[str, float]:
    """Return the weights without those of types that no event has; all of them where no event has a type."""
    if "event_type" not in events.columns:
        return weight
    kinds = events["event_type"].cast(pl.String).unique()
    return {kind: each for kind, each in weight.items() if kind in kinds}


def _told(weight: Mapping[str, float], kinds: Sequence[str]) -> str:
    shares = ", ".join(f"{kind} {weight.get(kind, FULL):g}" for kind in kinds)
    return f"events are weighed ({shares}): a user likes an item once their weights reach {FULL:g}"
