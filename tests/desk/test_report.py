"""The report: well-formed, sufficient to itself, safe with any title, small, and equal for equal models."""

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np

from algorithms.jobs import SAMPLE_CHANNELS, Trained, read, table, trained, two_taste_items
from kindred.desk.papers import ClusterRow
from kindred.desk.report.page import MOST_CLUSTERS, page, write
from kindred.desk.report.told import Choice, Points, Told

HOSTILE = '<script>alert("1")</script> & </title></svg> \' \x00 \x1b[31m \u202e 🎬'
VOID = {"meta", "br"}
METRICS = {"test:ndcg_at_10": 0.25, "popularity:ndcg_at_10": 0.125, "test:coverage_at_10": 0.875}


class Page(HTMLParser):
    """Walks a page: every tag must be closed by its own; keeps tags, attributes, texts and the titles of dots."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.hovers: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-2:] == ["circle", "title"]:
            self.hovers.append(data)
        elif self.open and self.open[-1] not in ("style", "title"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def told(titles: Sequence[str], *, clusters: int = 3, metrics: dict[str, float] = METRICS) -> Told:
    rng = np.random.default_rng(0)
    members = np.arange(len(titles), dtype=np.int32) % clusters
    rows = [
        ClusterRow(
            cluster=c, size=9, label=f"Genre {c} · 19{c:02}", interactions=1 / clusters, typical=list(titles[:5])
        )
        for c in range(clusters)
    ]
    return Told(
        titles=100_000,
        viewers=671,
        interactions=12_345,
        positive=6_789,
        story=["the ratings run from 1 to 5: 4 and above is positive"],
        reasons=["λ, tried on 99 viewers: 100 gives way to 300"],
        judged="held out: the last tenth of time",
        metrics=metrics,
        warnings=[f"{titles[0]}: a bad row"] if titles else [],
        clusters=rows,
        points=Points(
            titles=titles,
            places=rng.normal(size=(len(titles), 2)).astype(np.float32),
            clusters=members,
            popularity=np.linspace(1, 0, len(titles), dtype=np.float32),
        ),
        likeness="like titles stand together",
        choices=[Choice(name="recency", asked="auto", chosen="1", meaning="the power of a history's rank")],
        version="1.2.3",
    )


def test_the_first_sentence_says_what_was_learnt_from():
    from_viewers = told(["Alien"], metrics={})
    assert "From what" in page(from_viewers)
    assert "how well that serves" not in page(from_viewers)
    assert "how well that serves" in page(told(["Alien"]))
    assert "From what" not in page(replace(from_viewers, reasons=[]))


def test_a_page_holds_what_was_told():
    found = Page(page(told(["Alien", "Brazil", "Casablanca", "Dumbo"]))).text
    for wanted in ("100,000", "671", "12,345", "6,789", "The ratings run from 1 to 5: 4 and above is positive."):
        assert wanted in found
    assert "Held out: the last tenth of time." in found
    assert "Alien: a bad row" in found
    assert all(f"Genre {c} · 19{c:02}" in found for c in range(3))
    assert re.search(r"NDCG@10.*0\.250\s*0\.125\s*× 2\.0", found, re.DOTALL)
    assert re.search(r"Coverage@10.*87\.5 %\s*0\.0 %\s*–", found, re.DOTALL)
    assert "auto → 1" in found
    assert "λ, tried on 99 viewers: 100 gives way to 300." in found.split("What was chosen, and why")[1]


def test_the_page_begins_with_what_anybody_understands():
    found = Page(page(told(["Alien"], metrics={"test:hit_rate_at_10": 0.56, "popularity:hit_rate_at_10": 0.16}))).text
    assert found.index("56.0 % of the viewers went on to like") < found.index("Held out")
    assert "With the most popular titles instead, 16.0 % would have." in found


def test_a_page_needs_nothing_beside_it(sample: Trained):
    text = _left(sample)
    walked = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(walked.tags)
    assert not {"src", "href", "srcset", "action"} & {name for name, _ in walked.attributes}
    assert not [name for name, _ in walked.attributes if name.startswith("on")]
    assert not re.search(r"https?:|url\(|@import|//", text)


def test_a_hostile_title_stays_text():
    text = page(told([HOSTILE, "Alien", "Brazil"]))
    walked = Page(text)
    assert "script" not in walked.tags
    assert not set("\x00\x1b\u202e") & set(text)
    shown = HOSTILE.replace("\x00", " ").replace("\x1b", " ").replace("\u202e", " ")
    assert shown in walked.hovers[0]
    assert walked.text.count('<script>alert("1")</script>') == 4  # in three clusters and a warning


def test_titles_of_any_length_and_number_leave_it_small():
    titles = ["<&>" * 1_000_000, *("&" * 300 for _ in range(1_499))]
    text = page(told(titles, clusters=1_024))
    assert len(text.encode()) < 1_000_000
    assert f"The other {1_024 - MOST_CLUSTERS} clusters are in clusters.csv." in Page(text).text


def test_text_that_is_no_text_is_written(tmp_path: Path):
    write(tmp_path, told(["half a pair \ud83c", "Alien"], clusters=2))
    assert "half a pair" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_nothing_to_draw_and_nothing_judged_is_still_a_page():
    found = Page(page(told([], metrics={}))).text
    assert "Held out: the last tenth of time." in found
    assert "How good it is" not in found
    assert "on a map" not in found


def test_no_label_lies_on_another():
    text = page(told([f"Film {i}" for i in range(600)], clusters=60))
    labels = re.findall(r'<text x="(\d+)" y="(\d+)">', text)
    assert len(labels) > 5
    rows = np.array(labels, dtype=int)
    near = (np.abs(rows[:, None] - rows[None, :]) < [60, 16]).all(axis=2)
    assert near.sum() == len(rows)


def test_training_leaves_the_page(sample: Trained):
    walked = Page(_left(sample))
    clusters = read(sample.base / "output" / "clusters.csv")
    assert all(row["label"] in walked.text and row["typical"].split(" | ")[0] in walked.text for row in clusters)
    assert f"{sample.outcome.metrics['test:ndcg_at_10']:.3f}" in walked.text
    assert "4 and above is positive" in walked.text
    placed = np.count_nonzero(sample.desk.stock.scorer.clusters >= 0)
    assert len(walked.hovers) == placed
    assert len({hover.split("\n")[0] for hover in walked.hovers}) > 300


def test_one_seed_gives_one_page_on_any_number_of_threads(sample: Trained, tmp_path: Path):
    again = trained(tmp_path / "again", SAMPLE_CHANNELS, threads=2)
    assert _left(again) == _left(sample)


def test_a_bare_catalogue_has_a_page_too(tmp_path: Path):
    made = trained(tmp_path / "job", {"items": table(tmp_path / "items", two_taste_items())})
    walked = Page(_left(made))
    assert "Titles whose metadata are alike stand together." in walked.text
    assert "viewers" not in walked.text.split("What each cluster is")[0].split("no positive interactions")[0]
    assert "share of" not in walked.text.split("What each cluster is")[1].split("The settings")[0]
    assert len(walked.hovers) == 40


def test_the_page_is_told_in_the_same_words_as_the_manifest(sample: Trained):
    manifest = msgspec.json.decode((sample.base / "model" / "manifest.json").read_bytes())
    text = Page(_left(sample)).text
    assert all(note[1:] in text for note in manifest["notes"])


def _left(made: Trained) -> str:
    return (made.base / "output" / "report.html").read_text(encoding="utf-8")
