"""The map of the clusters as SVG: a dot a title, its name on hover, the clusters' names where their middles are."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from kindred.desk.papers import ClusterRow
from kindred.desk.report.hues import centres
from kindred.desk.report.told import Points
from kindred.desk.report.words import shown
from kindred.recommender.typing import Floats

WIDTH, HEIGHT, MARGIN = 1000, 640, 28
SMALLEST, LARGEST, ALIKE = 2.2, 6.5, 3.6
"""Radii of the dots; where none is more popular than another, all are alike."""
MOST_OF_A_TITLE, MOST_OF_A_NAME = 60, 48
MOST_LABELS = 24
MOST_PARTS, MOST_OF_A_LABEL = 2, 34
"""A map has room for "Sci-Fi · Action"; the whole label is a hover away."""
LETTER, LINE, GAP = 8.0, 17.0, 4
"""About how much room a letter and a line of a label take, and what stays free at the frame."""

Box: TypeAlias = tuple[float, float, float, float]


def drawing(points: Points, clusters: Sequence[ClusterRow]) -> str:
    """Return the map as an <svg>; the colours are the page's classes `c0`, `c1`, …"""
    places = _framed(points.places)
    names = {row.cluster: row.label for row in clusters}
    groups = [_group(points, places, cluster, names[cluster]) for cluster in np.unique(points.clusters).tolist()]
    labels = _labels(centres(places, points.clusters), clusters)
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Map of the clusters">'
        f"{''.join(groups)}{''.join(labels)}</svg>"
    )


def _framed(places: Floats) -> Floats:
    """The places in the units of the drawing."""
    low, high = places.min(axis=0), places.max(axis=0)
    inside = (places - low) / np.maximum(high - low, 1e-12)
    room = np.array([WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN])
    return np.asarray(MARGIN + inside * room, dtype=np.float32)


def _group(points: Points, places: Floats, cluster: int, name: str) -> str:
    most = max(float(points.popularity.max()), 1e-12)
    members = np.flatnonzero(points.clusters == cluster)
    radii = SMALLEST + (LARGEST - SMALLEST) * np.square(points.popularity[members] / most)
    if not points.popularity.any():
        radii = np.full(len(members), ALIKE)
    dots = [
        f'<circle cx="{places[i, 0]:.1f}" cy="{places[i, 1]:.1f}" r="{radius:.1f}">'
        f"<title>{shown(points.titles[i], most=MOST_OF_A_TITLE)}\n{shown(name, most=MOST_OF_A_NAME)}</title></circle>"
        for i, radius in zip(members.tolist(), radii.tolist(), strict=True)
    ]
    return f'<g class="dots c{cluster}">{"".join(dots)}</g>'


def _labels(middles: Mapping[int, tuple[float, float]], clusters: Sequence[ClusterRow]) -> list[str]:
    """The labels of the most watched clusters: each name once, and none that would lie on another."""
    taken: dict[str, Box] = {}
    labels = []
    for row in sorted(clusters, key=lambda row: (-row.interactions, -row.size, row.cluster)):
        name = " · ".join(row.label.split(" · ")[:MOST_PARTS])[:MOST_OF_A_LABEL]
        if row.cluster not in middles or name in taken or len(taken) == MOST_LABELS:
            continue
        half, (x, y) = LETTER * len(name) / 2, middles[row.cluster]
        x = min(max(x, half + GAP), WIDTH - half - GAP)
        box = (x - half, y - LINE / 2, x + half, y + LINE / 2)
        if any(_overlap(box, other) for other in taken.values()):
            continue
        taken[name] = box
        labels.append(f'<text x="{x:.0f}" y="{y:.0f}">{shown(name)}</text>')
    return labels


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
