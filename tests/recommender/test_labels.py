"""Names for clusters of catalogues small enough to read."""

import numpy as np
import pytest

from kindred.recommender import labels
from kindred.recommender.content import Group

NAMES = ("Action", "Drama", "Horror", "Sci-Fi", "Western")


def group(*items):
    codes = [NAMES.index(name) for names in items for name in names]
    offsets = np.cumsum([0, *map(len, items)])
    return Group(codes=np.array(codes, dtype=np.int32), offsets=offsets, size=len(NAMES), weight=1.0)


def named(items, clusters, *, k=2, weights=None):
    found = np.ones(len(items), dtype=np.float32) if weights is None else np.array(weights, dtype=np.float32)
    return labels.genre_names(group(*items), NAMES, np.array(clusters, dtype=np.int32), k=k, weights=found)


def test_a_name_is_worthy_where_it_is_frequent_here_and_rare_elsewhere():
    items = [["Sci-Fi", "Drama"]] * 4 + [["Western", "Drama"]] * 4
    assert named(items, [0] * 4 + [1] * 4) == [["Sci-Fi"], ["Western"]]


def test_the_strongest_name_comes_first():
    items = [["Sci-Fi", "Action"]] * 3 + [["Sci-Fi"]] + [["Western"], ["Action"], ["Western"], ["Western"]]
    assert named(items, [0] * 4 + [1] * 4) == [["Sci-Fi", "Action"], ["Western"]]


def test_at_most_three_names_stand():
    items = [["Action", "Horror", "Sci-Fi", "Western"]] * 4 + [["Drama"]] * 12
    assert [len(names) for names in named(items, [0] * 4 + [1] * 12)] == [3, 1]


def test_where_no_name_is_worthy_the_most_frequent_stands_alone():
    items = [["Drama"], ["Drama"], ["Drama", "Horror"], ["Drama"]] * 2
    assert named(items, [0] * 4 + [1] * 4) == [["Drama"], ["Drama"]]


def test_items_count_by_their_weight():
    items = [["Sci-Fi"], ["Horror"], ["Horror"], ["Drama"]]
    assert named(items, [0, 0, 0, 1], weights=[100, 1, 1, 100])[0] == ["Sci-Fi"]


def test_clusters_without_names_or_items_or_weight_have_none():
    items = [["Drama"], [], ["Horror"], ["Western"]]
    assert named(items, [0, 1, -1, 3], k=4, weights=[1, 1, 1, 0]) == [["Drama"], [], [], []]


def spans(years, clusters, weights=None):
    found = np.ones(len(years), dtype=np.float32) if weights is None else np.array(weights, dtype=np.float32)
    return labels.spans(np.array(years, dtype=np.float64), np.array(clusters, dtype=np.int32), k=2, weights=found)


def test_years_span_the_middle_of_the_cluster():
    years = [1900, *range(1990, 1998), 2030]
    assert spans([*years, 1950], [0] * 10 + [1]) == [(1900, 1997), (1950, 1950)]
    assert spans([*years, *years], [0] * 20) == [(1900, 1997), None]


@pytest.mark.parametrize("weights", [[1, 100, 100, 1], [0, 1, 1, 0]])
def test_years_of_little_weight_do_not_stretch_the_span(weights):
    assert spans([1900, 1990, 1999, 2020], [0] * 4, weights)[0] == (1990, 1999)


def test_unknown_years_and_no_weight_have_no_span():
    assert spans([np.nan, np.nan, 1990], [0, 0, 1], [1, 1, 0]) == [None, None]
    assert spans([np.nan, 1980, 1990], [0, 0, 1])[0] == (1980, 1980)


def test_typical_items_are_the_most_popular_of_each_cluster():
    popularity = np.array([1, 5, 5, 2, 9], dtype=np.float32)
    found = labels.typical(np.array([0, 0, 0, 1, -1], dtype=np.int32), popularity, k=3, most=2)
    assert [items.tolist() for items in found] == [[1, 2], [3], []]


@pytest.mark.parametrize(
    ("span", "whole", "expected"),
    [
        ((1999, 1999), (1950, 2010), "1999"),
        ((1990, 1999), (1950, 2010), "1990s"),
        ((1989, 1991), (1950, 2010), "1989–1991"),
        ((1951, 2009), (1950, 2010), None),
        ((1920, 1960), (1980, 2010), "1920–1960"),
        (None, (1950, 2010), None),
        ((1990, 2000), None, None),
    ],
)
def test_years_are_told_where_they_tell_something(span, whole, expected):
    assert labels.when(span, whole) == expected


@pytest.mark.parametrize(
    ("names", "years", "titles", "expected"),
    [
        (["Sci-Fi", "Action"], "1999–2009", ["Alien"], "Sci-Fi · Action · 1999–2009"),
        (["Drama"], "1999", [], "Drama · 1999"),
        ([], "1990s", ["Alien"], "1990s"),
        (["Drama"], None, ["Alien"], "Drama"),
        ([], None, ["Alien", "Heat", "Up"], "Alien · Heat"),
        ([], None, [], "unlabelled"),
    ],
)
def test_a_label_is_one_line(names, years, titles, expected):
    assert labels.label(names, years, titles) == expected


def test_clusters_of_one_label_are_told_apart_by_their_titles():
    found = labels.told_apart(["Drama", "War", "Drama", "Drama"], [["Alien"], ["Heat"], ["Up", "It"], []])
    assert found == ["Drama · Alien", "War", "Drama · Up", "Drama"]
    assert labels.told_apart(["Alien · Up", "Alien · Up"], [["Alien"], ["Alien"]]) == ["Alien · Up"] * 2


def test_an_overlong_title_is_cut_in_a_label():
    """Forty characters may stand, and of more the first thirty-nine, without a space before the mark."""
    whole, longer, spaced = "x" * 40, "x" * 41, "x" * 38 + " and more"
    assert labels.told_apart(["Drama"] * 2, [[whole], [longer]]) == [f"Drama · {whole}", f"Drama · {'x' * 39}…"]
    assert labels.label([], None, [spaced]) == "x" * 38 + "…"


def test_a_further_name_stands_only_where_it_says_something_beside_the_first():
    """Nine in ten of the first cluster are Horror and a little more of it than elsewhere is Drama."""
    items = [["Horror", "Drama"]] * 5 + [["Horror"]] * 4 + [["Drama"]] + [["Western", "Drama"]] * 4 + [["Western"]] * 6
    assert named(items, [0] * 10 + [1] * 10)[0] == ["Horror"]
