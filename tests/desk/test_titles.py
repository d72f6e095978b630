"""Items by what a person types, tables that line up."""

import pytest

from algorithms.jobs import Trained
from kindred.desk.lines import table, width
from kindred.desk.search import Search
from kindred.desk.typed import words
from kindred.errors import UserError

UGLY = "the-good-the-bad-and-the-ugly-1966"


@pytest.fixture(scope="module")
def search(sample: Trained) -> Search:
    return Search(sample.desk.stock)


def found(search: Search, *texts: str) -> list[str]:
    return search.stock.ids.many(search.history(texts))


@pytest.mark.parametrize(
    ("texts", "ids"),
    [
        (["Alien,Blade Runner"], ["alien-1979", "blade-runner-1982"]),
        (["ALIEN", "jaws-1975"], ["alien-1979", "jaws-1975"]),
        (["Alien (1979)"], ["alien-1979"]),
        (["empire strikes"], ["the-empire-strikes-back-1980"]),
        (["The Good, the Bad and the Ugly"], ["the-good-the-bad-and-the-ugly-1966"]),
        (["Matrix, The"], ["the-matrix-1999"]),
        (["matrix (1999)"], ["the-matrix-1999"]),
        (["Alien, Matrix, The, Jaws"], ["alien-1979", "the-matrix-1999", "jaws-1975"]),
        (["Alien,The Good, the Bad and the Ugly,Jaws"], ["alien-1979", UGLY, "jaws-1975"]),
        (["good, the bad and the ugly, the,Alien"], [UGLY, "alien-1979"]),
        (["the good the bad and the ugly"], [UGLY]),
        (["the bad and", "wall-e", "amelie"], [UGLY, "wall-e-2008", "amelie-2001"]),
        (["godfather"], ["the-godfather-1972"]),
        (["alien-1979,jaws-1975,,"], ["alien-1979", "jaws-1975"]),
        (["Alien,zzzz"], []),
        ([" , "], []),
    ],
)
def test_titles_and_ids_are_found(search: Search, texts: list[str], ids: list[str]):
    if ids:
        assert found(search, *texts) == ids
    else:
        with pytest.raises(UserError):
            found(search, *texts)


def test_several_and_none_are_refused_with_choices(search: Search):
    with pytest.raises(UserError, match=r"could be any of 3 items(.|\n)*the-lord-of-the-rings"):
        search.one("lord of the rings")
    with pytest.raises(UserError, match=r"no item is called(.|\n)*blade-runner-1982"):
        search.one("blade runer")
    with pytest.raises(UserError, match=r"no item is called 'zzzzzz'$"):
        search.one("zzzzzz")


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("Wall-E", "WALL·E"),
        ("AMELIE", "Amélie"),
        ("Schindlers List", "Schindler’s List"),
        ("Matrix, The (1999)", "The Matrix 1999"),
        ("seven samurai", "Seven  Samurai!"),
        ("七人の侍", "七人の侍"),
        ("…", "…"),
    ],
)
def test_a_person_sees_no_difference(typed: str, title: str):
    assert words(typed) == words(title) != ""


@pytest.mark.parametrize(("one", "other"), [("Alien, 3", "Alien 3"), ("Alien", "Aliens"), ("The The", "The")])
def test_a_person_sees_a_difference(one: str, other: str):
    assert words(one) != words(other)


def test_columns_line_up_whatever_is_in_them():
    lines = table(
        ("", "title", "n"), [("1", "七人の侍", "1.5"), ("22", "A\nB" + "x" * 90, "10")], right=(0, 2)
    ).splitlines()
    assert len({width(line) for line in lines[1:]}) == 1
    assert lines[2].startswith(" 1  七人の侍")
    assert lines[3].endswith(" 10")
    assert "…" in lines[3]


def test_a_wide_title_is_cut_where_a_narrow_one_of_as_many_columns_is():
    """Wide letters take two columns each: 22 of them fill a cell, of more 21 and the mark stand."""
    whole, longer, narrow = "漫" * 22, "漫" * 23, "x" * 45
    assert table(["t"], [[whole]]).splitlines()[2] == whole
    assert table(["t"], [[longer]]).splitlines()[2] == "漫" * 21 + "…"
    assert table(["t"], [[narrow]]).splitlines()[2] == "x" * 43 + "…"
