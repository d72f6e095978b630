"""Draws the two pictures of docs/11-ten-minutes.md from a model of the sample: the map, and one answer taken apart.

    python scripts/draw_pictures.py [FOLDER]

writes map.svg and score.svg into FOLDER (`docs`), and prints the numbers that the page quotes.
"""

import sys
import tempfile
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "local_test"))

import doors  # type: ignore[import-not-found]  # noqa: E402 - it lies beside the demo
from kindred.desk import stock  # noqa: E402
from kindred.desk.report.hues import centres, hues  # noqa: E402
from kindred.desk.stock import Stock  # noqa: E402
from kindred.recommender import map as maps  # noqa: E402
from kindred.recommender.ranking import Ranker  # noqa: E402
from kindred.recommender.scorer import History  # noqa: E402

HISTORY = ("Casablanca", "The Terminator", "Blade Runner", "Alien")
"""Oldest first, as a request has it."""
CENTRE, LINES, LABELS, SHOWN = "Alien", 8, 20, 4
WIDE, HIGH, EDGE = 960, 520, 40
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
    'font-family="ui-sans-serif, system-ui, sans-serif" font-size="13">\n<title>{title}</title>\n'
    '<rect width="{wide}" height="{high}" rx="12" fill="#ffffff" stroke="#d0d7de"/>\n'
)
SHADES = ("#bf8700", "#8250df", "#0969da", "#1a7f37")


def main(folder: Path) -> None:
    """Train on the sample, draw, print."""
    with tempfile.TemporaryDirectory(prefix="kindred-") as scratch:
        doors.lay_out(Path(scratch), ROOT / "sample")
        doors.train(Path(scratch))
        known = stock.take(Path(scratch) / "model")
        ranker = known.scorer
        assert isinstance(ranker, Ranker)
        titles = known.titles.many(range(len(known.titles)))
        (folder / "map.svg").write_text(_map(known, ranker, titles), encoding="utf-8")
        (folder / "score.svg").write_text(_score(known, ranker, titles), encoding="utf-8")


def _map(known: Stock, ranker: Ranker, titles: Sequence[str]) -> str:
    numbers = maps.drawn(ranker.clusters, ranker.popularity, most=len(titles))
    places = _framed(maps.plane(maps.space(ranker.model, numbers)))
    clusters = ranker.clusters[numbers]
    middles = centres(places, clusters)
    colours = hues(middles)
    at = dict(zip(numbers.tolist(), places.tolist(), strict=True))
    parts = [HEAD.format(wide=WIDE, high=HIGH, title="The films of the sample, by who likes them")]
    parts += _lines(ranker, titles.index(CENTRE), at, titles)
    for (x, y), cluster, number in zip(places.tolist(), clusters.tolist(), numbers.tolist(), strict=True):
        hue, tone = colours[cluster]
        radius = 2.5 + 3.5 * float(ranker.popularity[number] / ranker.popularity.max()) ** 2
        parts.append(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}" fill="hsl({hue} 65% {38 + 12 * tone}%)" '
            f'fill-opacity=".8"><title>{escape(titles[number])}</title></circle>'
        )
    parts += _names(known, middles, clusters)
    return "\n".join([*parts, "</svg>\n"])


def _framed(places: np.ndarray) -> np.ndarray:
    low, high = places.min(axis=0), places.max(axis=0)
    room = [WIDE - 2 * EDGE, HIGH - 2 * EDGE]
    return np.asarray(EDGE + (places - low) / (high - low) * room)


def _lines(ranker: Ranker, centre: int, at: dict[int, list[float]], titles: Sequence[str]) -> Iterable[str]:
    """From the films whose votes count most for one film, as wide as the vote."""
    entries = np.flatnonzero(ranker.model.block_targets == centre)
    strongest = entries[np.argsort(-ranker.model.block_weights[entries])][:LINES]
    sources = np.searchsorted(ranker.model.block_starts, strongest, side="right") - 1
    x, y = at[centre]
    print(f"{CENTRE} listens to:")
    for source, vote in zip(sources.tolist(), ranker.model.block_weights[strongest].tolist(), strict=True):
        print(f"  {vote:.3f}  {titles[source]}")
        to_x, to_y = at[source]
        yield (
            f'<line x1="{to_x:.0f}" y1="{to_y:.0f}" x2="{x:.0f}" y2="{y:.0f}" stroke="#1f2328" stroke-opacity=".55" '
            f'stroke-width="{max(0.8, 90 * vote):.1f}"/>'
        )
    yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="11" fill="none" stroke="#1f2328" stroke-width="2"/>'
    yield f'<text x="{x:.0f}" y="{y + 27:.0f}" text-anchor="middle" fill="#1f2328">{escape(CENTRE)}</text>'


def _names(known: Stock, middles: dict[int, tuple[float, float]], clusters: np.ndarray) -> Iterable[str]:
    largest = sorted(middles, key=lambda one: -int((clusters == one).sum()))[:LABELS]
    taken: list[tuple[float, float, str]] = []
    for cluster in largest:
        x, y = middles[cluster]
        name = " · ".join(known.facts.labels[cluster].split(" · ")[:2])
        if any(abs(x - at) < 4 * len(name + other) and abs(y - height) < 18 for at, height, other in taken):
            continue
        taken.append((x, y, name))
        yield (
            f'<text x="{min(max(x, 90), WIDE - 90):.0f}" y="{y:.0f}" text-anchor="middle" font-weight="600" '
            f'fill="#1f2328" stroke="#ffffff" stroke-width="3" paint-order="stroke">{escape(name)}</text>'
        )


def _score(known: Stock, ranker: Ranker, titles: Sequence[str]) -> str:
    seen = np.array([titles.index(title) for title in HISTORY])
    rho = known.facts.recency
    weights = np.arange(len(seen), 0, -1.0) ** -rho
    given = History(numbers=seen, weights=weights)
    numbers, scores = ranker.candidates(given)
    fresh = ~np.isin(numbers, seen)
    best = numbers[fresh][np.argsort(-scores[fresh], kind="stable")[:SHOWN]]
    told = ranker.contributions(given, best)
    print(f"ρ {rho:g}, weights {', '.join(f'{weight:.2f}' for weight in weights)}")
    widest = float((told.local + told.taste).clip(min=0).sum(axis=0).max())
    high = 70 + 74 * SHOWN + 60
    parts = [HEAD.format(wide=WIDE, high=high, title="What each film of a history adds to a score")]
    for column, (film, shade) in enumerate(zip(HISTORY, SHADES, strict=True)):
        x = 40 + 225 * column
        parts.append(f'<rect x="{x}" y="26" width="14" height="14" rx="3" fill="{shade}"/>')
        parts.append(
            f'<text x="{x + 22}" y="38">{escape(film)} <tspan fill="#57606a">× {weights[column]:.2f}</tspan></text>'
        )
    for row, number in enumerate(best.tolist()):
        parts += _bar(titles[number], told.local[:, row], told.taste[:, row], y=74 + 74 * row, widest=widest)
    parts.append(
        f'<text x="40" y="{high - 22}" fill="#57606a">full colour: the vote of the block, W · pale: the vote of the '
        "taste, Φ·V · what a film takes away is left of the line</text>"
    )
    return "\n".join([*parts, "</svg>\n"])


def _bar(title: str, local: np.ndarray, taste: np.ndarray, *, y: int, widest: float) -> Iterable[str]:
    unit, x = 560 / widest, 330.0
    left = x
    total = float(local.sum() + taste.sum())
    print(
        f"{title}: {total:.4f} = " + " + ".join(f"{one:.4f} + {two:.4f}" for one, two in zip(local, taste, strict=True))
    )
    yield f'<text x="40" y="{y + 26}" font-size="15" font-weight="600">{escape(title)}</text>'
    yield f'<text x="40" y="{y + 45}" fill="#57606a">score {total:.3f}</text>'
    for shade, block, rest in zip(SHADES, local.tolist(), taste.tolist(), strict=True):
        for part, opacity in ((block, 1.0), (rest, 0.4)):
            width = abs(part) * unit
            if part >= 0:
                start, x = x, x + width
            else:
                left -= width
                start = left
            yield (
                f'<rect x="{start:.1f}" y="{y + 12}" width="{width:.1f}" height="30" fill="{shade}" '
                f'fill-opacity="{opacity}"/>'
            )
    yield f'<path d="M330 {y + 4}V{y + 50}" stroke="#57606a"/>'


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs"))
