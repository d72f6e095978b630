"""What training leaves for people as tables: the clusters and, on request, recommendations for everybody."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from kindred.desk.answering import answer
from kindred.desk.request import Request
from kindred.desk.stock import Stock, Users

CLUSTER_COLUMNS = ("cluster", "size", "label", "interactions", "typical")
RECOMMENDATION_COLUMNS = ("user_id", "place", "item_id", "title", "score")


class ClusterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster in words: its items, its share of all interactions, its most typical titles."""

    cluster: int
    size: int
    label: str
    interactions: float
    typical: list[str]


def write(folder: Path, *, clusters: Sequence[ClusterRow]) -> None:
    """Leave clusters.csv in `folder`. Raises OSError where the disk refuses."""
    with (folder / "clusters.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(CLUSTER_COLUMNS)
        writer.writerows(
            (row.cluster, row.size, row.label, f"{row.interactions:.4f}", " | ".join(row.typical)) for row in clusters
        )


def recommendations(folder: Path, stock: Stock, users: Users, *, n: int, stopped: Callable[[], bool]) -> bool:
    """Leave recommendations.csv in `folder`: the n best for every user. Return whether it was done before `stopped`.

    It gets its name when it is whole. Raises OSError where the disk refuses.
    """
    aside = folder / ".recommendations.csv"
    with aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(RECOMMENDATION_COLUMNS)
        for number in range(len(users.ids)):
            if stopped():
                break
            writer.writerows(_best(stock, users.ids[number], n=n))
        else:
            aside.replace(folder / "recommendations.csv")
            return True
    aside.unlink()
    return False


def _best(stock: Stock, user_id: str, *, n: int) -> Iterator[tuple[str, int, str, str, float]]:
    found = answer(stock, Request(user_id=user_id, n=n, explain=False)).recommendations
    return ((user_id, place, one.item_id, one.title or "", one.score) for place, one in enumerate(found, 1))
