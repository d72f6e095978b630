"""The sample is what its README says: facts well formed, viewers remade to the byte, tastes that show in the views."""

import csv
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample"
GENRES = {
    "Action",
    "Adventure",
    "Animation",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "Film-Noir",
    "Horror",
    "Musical",
    "Mystery",
    "Romance",
    "Sci-Fi",
    "Thriller",
    "War",
    "Western",
}
STARS = frozenset(f"{half / 2}" for half in range(2, 11))
OPENING, CLOSING = 1_704_067_200, 1_767_225_600  # 2024-01-01 and 2026-01-01, UTC

Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def films() -> dict[str, Row]:
    return {film["item_id"]: film for film in read("items/films.csv")}


@pytest.fixture(scope="module")
def views() -> list[Row]:
    return read("interactions/views.csv")


@pytest.fixture(scope="module")
def films_of() -> dict[str, set[str]]:
    """The films of each taste, those nobody has seen left out."""
    return sets(read("truth/tastes.csv"), "taste", "item_id")


@pytest.fixture(scope="module")
def tastes_of() -> dict[str, set[str]]:
    return sets(read("truth/viewers.csv"), "user_id", "taste")


@pytest.fixture(scope="module")
def liked_of(films_of: dict[str, set[str]], tastes_of: dict[str, set[str]]) -> dict[str, set[str]]:
    return {viewer: set().union(*(films_of[taste] for taste in tastes)) for viewer, tastes in tastes_of.items()}


def sets(rows: list[Row], key: str, value: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row[key]].add(row[value])
    return dict(found)


def test_generated_files_come_out_the_same_to_the_byte(tmp_path):
    (tmp_path / "truth").mkdir()
    shutil.copy(SAMPLE / "truth" / "tastes.csv", tmp_path / "truth")
    subprocess.run([sys.executable, ROOT / "scripts" / "make_sample.py", tmp_path], check=True, timeout=60)
    for name in ("interactions/views.csv", "truth/viewers.csv"):
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes(), name


def test_channel_folders_hold_one_table_each():
    assert [path.name for path in (SAMPLE / "items").iterdir()] == ["films.csv"]
    assert [path.name for path in (SAMPLE / "interactions").iterdir()] == ["views.csv"]
    assert (SAMPLE / "interactions" / "views.csv").stat().st_size < 1_500_000


def test_every_film_has_its_own_id_which_names_its_year(films):
    rows = read("items/films.csv")
    assert len(rows) == len(films) == 336
    for film in rows:
        assert re.fullmatch(rf"[a-z0-9-]+-{film['year']}", film["item_id"]), film


def test_films_are_plausible(films):
    for film in films.values():
        assert film["title"] == film["title"].strip() != "", film
        assert 1930 <= int(film["year"]) <= 2024, film
        assert 60 <= int(film["runtime"]) <= 240, film
        genres = film["genres"].split("|")
        assert set(genres) <= GENRES, film
        assert genres == list(dict.fromkeys(genres)), film


def test_every_film_is_of_a_taste_or_cold(films, films_of):
    cold = {row["item_id"] for row in read("truth/cold.csv")}
    tasted = set().union(*films_of.values())
    assert tasted | cold == set(films)
    assert not tasted & cold
    assert {row["taste"] for row in read("truth/cold.csv")} <= set(films_of)


def test_cold_films_are_those_without_views_and_the_readme_lists_them(films, views):
    cold = {row["item_id"] for row in read("truth/cold.csv")}
    assert set(films) - {view["item_id"] for view in views} == cold
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert all(f"`{film}`" in readme for film in cold)


def test_readme_names_the_first_viewers_tastes(films_of, tastes_of):
    readme = (SAMPLE / "README.md").read_text(encoding="utf-8")
    for number, taste in enumerate(films_of, start=1):
        assert tastes_of[f"viewer-{number:04}"] == {taste}
        assert f"`viewer-{number:04}` | {taste} |" in readme


def test_views_are_well_formed(films, views):
    pairs = Counter((view["user_id"], view["item_id"]) for view in views)
    assert max(pairs.values()) == 1
    assert {view["item_id"] for view in views} <= set(films)
    assert {view["rating"] for view in views} <= STARS
    assert all(OPENING <= int(view["timestamp"]) < CLOSING for view in views)


def test_every_viewer_has_fifteen_to_sixty_views_in_order_of_time(views, tastes_of):
    seconds = defaultdict(list)
    for view in views:
        seconds[view["user_id"]].append(int(view["timestamp"]))
    assert set(seconds) == set(tastes_of)
    assert len(seconds) == 600
    for viewer, times in seconds.items():
        assert 15 <= len(times) <= 60, viewer
        assert all(a < b for a, b in pairwise(times)), viewer


def test_weights_of_a_viewer_sum_to_one():
    weights = defaultdict(float)
    for row in read("truth/viewers.csv"):
        weights[row["user_id"]] += float(row["weight"])
    assert all(total == pytest.approx(1) for total in weights.values())


def test_every_viewer_rates_their_tastes_higher(views, liked_of):
    stars = defaultdict(lambda: ([], []))
    for view in views:
        stars[view["user_id"]][view["item_id"] in liked_of[view["user_id"]]].append(float(view["rating"]))
    for viewer, (outside, inside) in stars.items():
        assert sum(inside) / len(inside) > 3.5, viewer
        assert not outside or sum(inside) / len(inside) > sum(outside) / len(outside) + 0.25, viewer


def test_what_a_viewer_loves_lies_in_their_tastes(views, liked_of):
    loved = [view for view in views if float(view["rating"]) >= 4.5]
    assert loved
    assert all(view["item_id"] in liked_of[view["user_id"]] for view in loved)


def test_popular_films_do_not_drown_the_rest(views, liked_of):
    """The ten most seen films are a small part of all views, and seldom what a given viewer likes."""
    seen = Counter(view["item_id"] for view in views)
    top = [film for film, _ in seen.most_common(10)]
    assert sum(seen[film] for film in top) < 0.1 * len(views)
    assert sum(film in liked for liked in liked_of.values() for film in top) < 0.3 * len(top) * len(liked_of)
