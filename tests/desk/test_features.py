"""A described item gets the row that the catalogue's own items of the same description have."""

import numpy as np
import pytest

from kindred.desk import features
from kindred.desk.columns import Categorical, Numeric
from kindred.desk.description import features_of
from kindred.errors import UserError

COLUMNS = {
    "genres": Categorical(
        codes=np.array([0, 1, 1, 2], dtype=np.int32), offsets=np.array([0, 2, 3, 4]), values=("Comedy", "Drama", "War")
    ),
    "year": Numeric(numbers=np.array([1999.0, 2004.0, np.nan])),
    "language": Categorical(
        codes=np.array([0, 1, 0], dtype=np.int32), offsets=np.array([0, 1, 2, 3]), values=("en", "fr")
    ),
    "studio": Categorical(  # as many values as items, and more than say what kind a thing is
        codes=np.arange(3, dtype=np.int32), offsets=np.arange(4), values=tuple(f"studio {i}" for i in range(65))
    ),
    "runtime": Numeric(numbers=np.array([90.0, 100.0, 110.0])),
}
GROUPS = features.plan(COLUMNS)


def row(**item):
    return features_of(GROUPS, COLUMNS, item)


def test_genres_come_first_then_decades_then_columns_of_few_values():
    assert [(group.column, group.values) for group in GROUPS] == [
        ("genres", ["Comedy", "Drama", "War"]),
        ("year", ["1990", "2000"]),
        ("language", ["en", "fr"]),
    ]


def test_a_described_item_has_the_row_of_its_like_in_the_catalogue():
    catalogue = features.of_catalogue(GROUPS, COLUMNS)
    assert catalogue.dtype == np.float32
    np.testing.assert_array_equal(row(genres=["Comedy", "Drama"], year=1999, language="en"), catalogue[0])
    np.testing.assert_array_equal(row(genres="drama", year=2001, language="FR"), catalogue[1])
    np.testing.assert_array_equal(row(genres=["War"], language=["en"]), catalogue[2])


@pytest.mark.parametrize("genres", ["Comedy|War", "Comedy,War", "comedy, WAR", "Comedy; War", ["War", "Comedy"]])
def test_genres_are_told_as_in_a_table(genres):
    np.testing.assert_array_equal(row(genres=genres), row(genres=["Comedy", "War"]))


@pytest.mark.parametrize("year", [1999, 1999.0, "1999", "1990-07-01"])
def test_a_year_is_its_decade(year):
    np.testing.assert_array_equal(row(year=year), row(year=1995))


def test_what_does_not_count_may_be_told():
    told = row(item_id="new", title="A film", genres=["War"], runtime=90, studio=None)
    np.testing.assert_array_equal(told, row(genres=["War"]))


def refused(**item) -> UserError:
    with pytest.raises(UserError) as caught:
        row(**item)
    return caught.value


def test_an_unknown_column_is_refused_with_the_nearest():
    error = refused(genre=["War"])
    assert error.sentence == "the catalogue has no column 'genre' (did you mean 'genres'?)"
    assert error.at == ".item.genre"


@pytest.mark.parametrize("item", [{}, {"title": "A film"}, {"genres": ["Western"]}, {"year": 1850}, {"genres": []}])
def test_an_item_of_which_nothing_counts_is_refused(item):
    error = refused(**item)
    assert error.at == ".item"
    assert error.sentence.endswith("columns that do: genres, year, language")


@pytest.mark.parametrize("year", ["soon", True, [], {}, 12])
def test_a_year_that_is_none_is_refused(year):
    assert refused(year=year).at == ".item.year"


def test_a_catalogue_without_columns_places_nothing():
    with pytest.raises(UserError, match="columns that do: none"):
        features_of([], {}, {"title": "A film"})


def test_of_many_values_only_frequent_ones_count():
    regions = Categorical(  # 70 regions; each of 700 items has its own and every other one is also released in region 7
        codes=np.concatenate([[item % 70, 7] if item % 2 else [item % 70] for item in range(700)]).astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum([1 + item % 2 for item in range(700)])]),
        values=tuple(f"region {i}" for i in range(70)),
    )
    (group,) = features.plan({"region": regions})
    assert len(group.values) == features.MOST_VALUES
    assert "region 7" in group.values
    rows = features.of_catalogue([group], {"region": regions})
    assert rows.shape == (700, features.MOST_VALUES)
    place = group.values.index("region 7")
    np.testing.assert_array_equal(rows[:, place] > 0, [item % 2 == 1 or item % 70 == 7 for item in range(700)])


def test_alone_the_years_are_bumps_so_that_the_turn_of_a_decade_is_no_gulf():
    years = {"year": Numeric(numbers=np.array([1989.0, 1991.0, 1971.0, np.nan]))}
    groups = features.plan_alone(years)
    rows = features.of_catalogue(groups, years)
    near, far = rows[0] @ rows[1], rows[0] @ rows[2]
    assert near > 0.95 * features.BUMP_WEIGHT**2
    assert far < 0.5 * near
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [features.BUMP_WEIGHT] * 3 + [0], rtol=1e-6)
    np.testing.assert_allclose(features_of(groups, years, {"year": 1991}), rows[1], rtol=1e-6)
