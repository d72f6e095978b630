"""The report as a page: what went in, how good it is, what the clusters are, what to beware of, what was chosen."""

from collections.abc import Callable, Sequence
from pathlib import Path

from kindred.desk.papers import ClusterRow
from kindred.desk.report.drawing import drawing
from kindred.desk.report.hues import centres, hues
from kindred.desk.report.style import STYLE, colours
from kindred.desk.report.told import Choice, Told
from kindred.desk.report.words import count, decimal, percent, sentence, shown

MOST_CLUSTERS = 128
MOST_WARNINGS = 100
MOST_OF_A_WARNING = 600
MOST_OF_A_TITLE = 60
MOST_OF_A_LABEL = 120

MEASURES = (
    ("ndcg_at_10", "NDCG@10", decimal, "how near the top of ten titles those stand that the viewer went on to like"),
    ("hit_rate_at_10", "Hit rate@10", percent, "share of viewers who went on to like at least one of ten titles"),
    ("recall_at_20", "Recall@20", percent, "share of what a viewer went on to like that is among twenty titles"),
    ("coverage_at_10", "Coverage@10", percent, "share of the catalogue that somebody gets to see among ten titles"),
)


def write(folder: Path, told: Told) -> None:
    """Leave report.html in `folder`. Raises OSError where the disk refuses."""
    (folder / "report.html").write_text(page(told), encoding="utf-8", errors="replace", newline="\n")


def page(told: Told) -> str:
    """Return the whole page; equal reports give equal bytes. It loads nothing and runs nothing."""
    colour = colours(hues(centres(told.points.places, told.points.clusters)))
    sections = (_headline, _judgement, _map, _clusters, _warnings, _settings)
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What Kindred learnt</title>\n<style>{STYLE}{colour}\n</style></head>\n<body><main>\n"
        + "\n".join(filter(None, (section(told) for section in sections)))
        + f"\n<footer>Kindred {shown(told.version)}</footer>\n</main></body>\n</html>\n"
    )


def _headline(told: Told) -> str:
    figures = {
        "titles": told.titles,
        "viewers": told.viewers,
        "interactions": told.interactions,
        "of them positive": told.positive,
        "clusters": len(told.clusters),
    }
    numbers = "".join(f"<div><dt>{name}</dt><dd>{count(one)}</dd></div>" for name, one in figures.items() if one)
    return (
        f'<h1>What Kindred learnt</h1>\n<p class="lead">{_lead(told)}</p>\n'
        f'<dl class="figures">{numbers}</dl>\n{_sentences(told.story)}'
    )


def _lead(told: Told) -> str:
    if not told.reasons:
        return f"Which of {count(told.titles)} titles are of a kind, and what the kinds are."
    well = "how well that serves to recommend, " if told.metrics else ""
    return (
        f"From what {count(told.viewers)} viewers liked: which of {count(told.titles)} titles go together, {well}"
        "and what training chose by itself."
    )


def _sentences(texts: Sequence[str]) -> str:
    return "".join(f"<p>{sentence(one)}</p>" for one in texts)


def _judgement(told: Told) -> str:
    rows = [_measure(told, *measure) for measure in MEASURES if f"test:{measure[0]}" in told.metrics]
    if not rows:
        return f"<p>{sentence(told.judged)}</p>"
    head = '<tr><th></th><th class="n">Kindred</th><th class="n">most popular titles</th><th class="n">ratio</th></tr>'
    return f"<h2>How good it is</h2>\n{_in_short(told)}<p>{sentence(told.judged)}</p>\n{_table(head, rows)}"


def _in_short(told: Told) -> str:
    ours, theirs = (told.metrics.get(f"{side}:hit_rate_at_10") for side in ("test", "popularity"))
    if ours is None or theirs is None:
        return ""
    return (
        f'<p class="lead"><b>{percent(ours)}</b> of the viewers went on to like at least one of the ten titles that '
        f"were recommended to them. With the most popular titles instead, {percent(theirs)} would have.</p>\n"
    )


def _measure(told: Told, key: str, name: str, form: Callable[[float], str], meaning: str) -> str:
    ours, theirs = told.metrics[f"test:{key}"], told.metrics.get(f"popularity:{key}", 0.0)
    ratio = f"× {ours / theirs:.1f}" if theirs else "–"
    return (
        f'<tr><td class="name">{name}<small>{meaning}</small></td><td class="n best">{form(ours)}</td>'
        f'<td class="n">{form(theirs)}</td><td class="n">{ratio}</td></tr>'
    )


def _map(told: Told) -> str:
    if not len(told.points.titles):
        return ""
    return (
        f'<h2>The clusters on a map</h2>\n<p class="soft">{sentence(told.likeness)}</p>\n'
        f'<figure><div class="frame">{drawing(told.points, told.clusters)}</div>'
        f"<figcaption>{_drawn(told)} Colours are clusters. Of many dimensions a map shows the two in which titles "
        "differ most. Point at a dot for its title.</figcaption></figure>"
    )


def _drawn(told: Told) -> str:
    some, all_ = count(len(told.points.titles)), count(told.titles)
    if not told.points.popularity.any():
        return f"A dot is a title; {some} of {all_} are drawn."
    which = f"{all_} titles" if some == all_ else f"the {some} most popular of {all_} titles"
    return f"A dot is one of {which}, larger where more popular."


def _clusters(told: Told) -> str:
    order = sorted(told.clusters, key=lambda row: (-row.interactions, -row.size, row.cluster))
    most = max((row.interactions for row in order), default=0.0)
    rows = [_cluster(row, most=most) for row in order[:MOST_CLUSTERS]]
    share = '<th class="n">share of<br>interactions</th>' if most else ""
    some = "typical titles" if told.points.popularity.any() else "some of its titles"
    head = f'<tr><th>cluster</th><th class="n">titles</th>{share}<th>{some}</th></tr>'
    left = len(order) - len(rows)
    rest = f'<p class="soft">The other {count(left)} clusters are in clusters.csv.</p>' if left else ""
    watched = ", the share of all that was liked, and what is liked most of it" if most else ""
    named = f"Its name: the genres and years that stand out in it, or else some of its titles{watched}."
    return f'<h2>What each cluster is</h2>\n<p class="soft">{named}</p>\n{_table(head, rows)}{rest}'


def _cluster(row: ClusterRow, *, most: float) -> str:
    films = " · ".join(f"<span>{shown(title, most=MOST_OF_A_TITLE)}</span>" for title in row.typical)
    return (
        f'<tr><td class="name of"><i class="dot c{row.cluster}"></i>{_whole_parts(row.label)}</td>'
        f'<td class="n">{count(row.size)}</td>{_share(row.interactions, most=most)}<td class="films">{films}</td></tr>'
    )


def _share(share: float, *, most: float) -> str:
    if not most:
        return ""
    return f'<td class="n">{percent(share)}<i class="bar" style="width:{100 * share / most:.0f}%"></i></td>'


def _whole_parts(label: str) -> str:
    """The label, so marked that lines break between its parts alone."""
    *parts, last = shown(label, most=MOST_OF_A_LABEL).split(" · ")
    return " ".join(f"<span>{part}</span>" for part in [*(f"{part} ·" for part in parts), last])


def _warnings(told: Told) -> str:
    if not told.warnings:
        return ""
    listed = "".join(f"<li>{shown(one, most=MOST_OF_A_WARNING)}</li>" for one in told.warnings[:MOST_WARNINGS])
    left = len(told.warnings) - MOST_WARNINGS
    rest = f'<p class="soft">And {count(left)} more, in the log.</p>' if left > 0 else ""
    return f'<h2>About the data</h2>\n<ul class="warnings">{listed}</ul>{rest}'


def _settings(told: Told) -> str:
    rows = [_choice(choice) for choice in told.choices]
    head = "<tr><th>hyperparameter</th><th>value</th><th>what it is</th></tr>"
    title = "What was chosen, and why" if told.reasons else "The settings"
    return f"<h2>{title}</h2>\n{_sentences(told.reasons)}\n{_table(head, rows)}" if rows else ""


def _choice(choice: Choice) -> str:
    value = (
        f'<span class="n">{shown(choice.asked)} → {shown(choice.chosen)}</span>'
        if choice.chosen
        else shown(choice.asked)
    )
    return (
        f'<tr><td><code>{shown(choice.name)}</code></td><td class="set"><code>{value}</code></td>'
        f'<td class="films">{shown(choice.meaning, most=200)}</td></tr>'
    )


def _table(head: str, rows: Sequence[str]) -> str:
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>\n{chr(10).join(rows)}\n</tbody></table></div>'
