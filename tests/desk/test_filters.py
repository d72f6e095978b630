"""A filter over columns written out by hand."""

import numpy as np
import pytest

from kindred.desk.columns import Categorical, Numeric
from kindred.desk.filters import matching
from kindred.desk.request import Range
from kindred.errors import UserError

YEAR = Numeric(numbers=np.array([1985.0, 1990.0, 1999.0, np.nan, 2010.0]))
GENRES = Categorical(  # item 0: drama; 1: drama, comedy; 2: none; 3: Comedy; 4: War
    codes=np.array([1, 0, 1, 0, 2], dtype=np.int32),
    offsets=np.array([0, 1, 3, 3, 4, 5], dtype=np.int64),
    values=("Comedy", "Drama", "War"),
)
COLUMNS = {"year": YEAR, "genres": GENRES}


def met(**conditions) -> list[int]:
    return np.flatnonzero(matching(conditions, COLUMNS, items=5)).tolist()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Range(gte=1990), [1, 2, 4]),
        (Range(gt=1990), [2, 4]),
        (Range(lte=1990), [0, 1]),
        (Range(lt=1990), [0]),
        (Range(gte=1990, lt=2010), [1, 2]),
        (Range(gte=1999, lte=1990), []),
        ([1985, 2010], [0, 4]),
        (1999, [2]),
        ("1999", [2]),
        ([], []),
    ],
)
def test_numbers(condition, expected):
    assert met(year=condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (["Drama"], [0, 1]),
        ("Drama", [0, 1]),
        (["drama", "WAR"], [0, 1, 4]),
        (["Comedy"], [1, 3]),
        (["Western"], []),
        ([], []),
    ],
)
def test_text(condition, expected):
    assert met(genres=condition) == expected


@pytest.mark.parametrize(("condition", "expected"), [(True, [1]), ([False], [0, 2]), ([True, False], [0, 1, 2])])
def test_true_and_false_are_texts_or_1_and_0(condition, expected):
    adult = Categorical(
        codes=np.array([0, 1, 0], dtype=np.int32), offsets=np.array([0, 1, 2, 3]), values=("False", "True")
    )
    flag = Numeric(numbers=np.array([0.0, 1.0, 0.0]))
    for column in (adult, flag):
        found = matching({"it": condition}, {"it": column}, items=3)
        assert np.flatnonzero(found).tolist() == expected


def test_keys_combine():
    assert met(genres=["Drama", "War"], year=Range(gte=1990)) == [1, 4]


def test_no_condition_is_met_by_all():
    assert met() == [0, 1, 2, 3, 4]


def refused(**conditions) -> UserError:
    with pytest.raises(UserError) as caught:
        met(**conditions)
    return caught.value


def test_an_unknown_column_is_refused_with_the_nearest():
    error = refused(genre=["Drama"])
    assert (error.sentence, error.at) == (
        "the catalogue has no column 'genre' (did you mean 'genres'?)",
        ".filter.genre",
    )


def test_a_range_of_text_is_refused():
    error = refused(genres=Range(gte=1990))
    assert error.at == ".filter.genres"
    assert "list of values" in error.sentence


def test_a_range_without_bounds_is_refused():
    assert refused(year=Range()).sentence == "a range needs at least one of gte, gt, lte, lt"


@pytest.mark.parametrize("value", ["recent", 10**400], ids=["word", "huge"])
def test_what_is_no_number_is_refused_in_a_column_of_numbers(value):
    error = refused(year=value)
    assert error.at == ".filter.year"
    assert len(error.sentence) < 200
