"""The data of the benchmark, read and described exactly as `train` does it."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kindred.data import pantry
from kindred.data.positives import positive_from
from kindred.desk import catalogue

LARGE = 1_000_000
CHOICES_OF_LARGE = 12


@dataclass(frozen=True, kw_only=True)
class Films:
    """Positives: users, items int32 and times float64 (positives,); content float32 (items, f ≥ 0) rows.

    read, positive: a sentence each on what was read and on what counts as positive. Of a peer's grid at most
    `most_choices` combinations are tried. Without times (`timed`) the order of the rows stands in for them, and only
    what heeds no time can be asked.
    """

    name: str
    users: np.ndarray
    items: np.ndarray
    times: np.ndarray
    content: np.ndarray
    read: str
    positive: str
    most_choices: int = 1_000
    timed: bool = True


def read(folder: Path) -> Films:
    """Read ratings with times and genres from a folder that `train` would take. Raises UserError."""
    goods = pantry.read({"train": folder})
    events = goods.interactions
    chosen = positive_from(events.ratings)
    liked = np.ones(len(events.items), dtype=bool) if chosen.at_least is None else events.ratings >= chosen.at_least
    content = catalogue.described(goods.catalogue).features
    return Films(
        name=folder.name,
        users=events.users[liked],
        items=events.items[liked],
        times=np.arange(len(events.items), dtype=np.float64)[liked]
        if events.timestamps is None
        else events.timestamps[liked],
        content=np.zeros((len(goods.catalogue.ids), 0), dtype=np.float32) if content is None else content,
        read=f"{len(events.items):,} events of {len(events.user_ids):,} users on {len(goods.catalogue.ids):,} items; "
        f"fingerprint {goods.fingerprint[:12]}",
        positive=f"{chosen.because}: {int(liked.sum()):,} events on {len(np.unique(events.items[liked])):,} items",
        most_choices=CHOICES_OF_LARGE if liked.sum() > LARGE else Films.most_choices,
        timed=events.timestamps is not None,
    )


def until(films: Films, share: float) -> Films:
    """Return what had happened when `share` of the positives had: nobody knows of the others."""
    if share == 1:
        return films
    oldest = np.argsort(films.times, kind="stable")[: int(share * len(films.times))]
    return replace(films, users=films.users[oldest], items=films.items[oldest], times=films.times[oldest])
