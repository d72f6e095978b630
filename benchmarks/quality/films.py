"""The data of the benchmark: who liked what, and what the items are."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

LIKED = 4.0


@dataclass(frozen=True, kw_only=True)
class Films:
    """users, items int32, times float64 (positives,); content float32 (items, f) rows; `told` says what was read."""

    users: np.ndarray
    items: np.ndarray
    times: np.ndarray
    content: np.ndarray
    told: str


def read(folder: Path) -> Films:
    ratings = pl.read_csv(folder / "ratings.csv")
    movies = pl.read_csv(folder / "movies.csv")
    liked = ratings.filter(pl.col("rating") >= LIKED)
    ids = np.sort(movies["movieId"].to_numpy())
    genres = sorted({g for row in movies["genres"] for g in row.split("|")})
    by_id = dict(zip(movies["movieId"], zip(movies["genres"], movies["title"], strict=True), strict=True))
    content = np.zeros((len(ids), len(genres) + 14), dtype=np.float32)
    for row, film in enumerate(ids.tolist()):
        kinds, title = by_id[film]
        for kind in kinds.split("|"):
            content[row, genres.index(kind)] = 1
        content[row] /= np.linalg.norm(content[row])
        year = title.strip()[-5:-1]
        if year.isdigit():
            content[row, len(genres) + min(13, max(0, int(year) // 10 - 190))] = 0.5
    users = np.unique(liked["userId"].to_numpy(), return_inverse=True)[1].astype(np.int32)
    return Films(users=users, items=np.searchsorted(ids, liked["movieId"].to_numpy()).astype(np.int32),
        times=liked["timestamp"].to_numpy().astype(np.float64), content=content, told="")
