"""Makes the sample's viewers: people who do not exist, whose tastes are therefore known.

    python scripts/make_sample.py [FOLDER]

reads FOLDER/truth/tastes.csv (a taste's films, the best known first; `sample` where no folder is named), writes
FOLDER/interactions/views.csv and FOLDER/truth/viewers.csv: the same bytes every time.
"""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

SEED = 20240101
VIEWERS = 600
OPENING = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
CLOSING = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
JOINING_S = 366 * 86_400  # viewers join in 2024; all of them watch until the end of 2025

SHARES = ((1.0,), (0.6, 0.4), (0.5, 0.3, 0.2))  # how a viewer's tastes divide the views
SHARES_ODDS = (30, 45, 25)
FEWEST, MOST_A_TASTE = 15, 20  # views: with one taste 15 to 20, with three 15 to 60
INSIDE = 0.7  # the share of views within the viewer's tastes
LIKED = (3.0, 3.5, 4.0, 4.0, 4.5, 4.5, 5.0, 5.0)
OTHER = (1.0, 1.5, 2.0, 2.0, 2.5, 2.5, 3.0, 3.0, 3.5, 4.0)

Tastes = Mapping[str, Sequence[str]]
View = tuple[str, float, int]


def main(folder: Path) -> None:
    """Write the views and the truth behind them below `folder`."""
    tastes = read_tastes(folder / "truth" / "tastes.csv")
    # Only random() is asked, and choices(), which is random() and a bisection: the same in every Python.
    rng = Random(SEED)
    viewers = {f"viewer-{n + 1:04}": viewer_tastes(n, tastes, rng) for n in range(VIEWERS)}
    truth = ((viewer, taste, share) for viewer, shares in viewers.items() for taste, share in shares.items())
    seen = ((viewer, *view) for viewer, shares in viewers.items() for view in views(shares, tastes, rng))
    _write(folder / "truth" / "viewers.csv", "user_id,taste,weight", truth)
    _write(folder / "interactions" / "views.csv", "user_id,item_id,rating,timestamp", seen)


def read_tastes(path: Path) -> Tastes:
    """Return the films of every taste, in the file's order: the best known first."""
    tastes: dict[str, list[str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            tastes.setdefault(row["taste"], []).append(row["item_id"])
    return tastes


def viewer_tastes(number: int, tastes: Tastes, rng: Random) -> dict[str, float]:
    """Return one to three tastes with their shares, which sum to 1.

    The first viewers have one taste each, in order, so that every taste has somebody to show.
    """
    names = list(tastes)
    if number < len(names):
        return {names[number]: 1.0}
    (shares,) = rng.choices(SHARES, SHARES_ODDS)
    return {names.pop(int(rng.random() * len(names))): share for share in shares}


def views(shares: Mapping[str, float], tastes: Tastes, rng: Random) -> list[View]:
    """Return (film, stars, unix seconds) of one viewer, oldest first, no film twice."""
    count = FEWEST + int(rng.random() * (MOST_A_TASTE * len(shares) - FEWEST + 1))
    liked = {film for taste in shares for film in tastes[taste]}
    stars: dict[str, float] = {}
    while len(stars) < count:
        film = _film(shares if rng.random() < INSIDE else dict.fromkeys(tastes, 1.0), tastes, rng)
        if film not in stars:
            stars[film] = rng.choices(LIKED if film in liked else OTHER)[0]
    return [(film, star, second) for (film, star), second in zip(stars.items(), _seconds(count, rng), strict=True)]


def _film(shares: Mapping[str, float], tastes: Tastes, rng: Random) -> str:
    (taste,) = rng.choices(list(shares), list(shares.values()))
    fame = [1 / (rank + 6) for rank in range(len(tastes[taste]))]
    return rng.choices(tastes[taste], fame)[0]


def _seconds(count: int, rng: Random) -> list[int]:
    joined = OPENING + int(rng.random() * JOINING_S)
    return sorted(joined + int(rng.random() * (CLOSING - joined)) for _ in range(count))


def _write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines, lineterminator="\n")
        table.writerow(header.split(","))
        table.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "sample")
