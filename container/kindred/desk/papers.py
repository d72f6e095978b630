"""What training leaves for people: the clusters as a table."""

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec

CLUSTER_COLUMNS = ("cluster", "size", "label", "interactions", "typical")


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
