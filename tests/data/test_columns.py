"""Columns are found by name, whoever named them."""

import pytest

from kindred.data.columns import INTERACTIONS, ITEMS, find, plain
from kindred.errors import UserError
from kit.pantries import numbers, pairs, values


@pytest.mark.parametrize(
    "header",
    [
        "user_id,item_id,rating,timestamp",
        "USER_ID,ITEM_ID,EVENT_VALUE,TIMESTAMP",
        "userId,movieId,rating,timestamp",
        "User, Item ,Weight,Date",
        "user,tconst,score,ts",
        "\ufeffUserID,ItemID,Stars,Created_At",
    ],
)
def test_a_header_by_any_of_its_names(pantry, header):
    told = pantry(interactions={"a.csv": header + "\nu,i,4,1600000000\nv,i,4,1600000000\n"})
    assert set(pairs(told)) == {("u", "i"), ("v", "i")}
    assert told.interactions.ratings.tolist() == [4, 4]
    assert told.interactions.timestamps.tolist() == [1_600_000_000] * 2


def test_the_first_alias_wins():
    assert find(["movieId", "item_id", "date", "timestamp"], INTERACTIONS) == {
        "item_id": "item_id",
        "timestamp": "timestamp",
    }


@pytest.mark.parametrize("fields", [INTERACTIONS, ITEMS], ids=["interactions", "items"])
def test_no_alias_is_written_so_that_it_cannot_match_or_means_two_fields(fields):
    every = [alias for aliases in fields.values() for alias in aliases]
    assert [plain(alias) for alias in every] == every
    assert len({*every}) == len(every)
    assert all(plain(field) == aliases[0] for field, aliases in fields.items())


def test_columns_that_are_not_asked_for_do_no_harm(pantry):
    told = pantry(interactions={"a.csv": "session,user_id,title,item_id\ns,u,T,i\ns,v,T,i\n"})
    assert set(pairs(told)) == {("u", "i"), ("v", "i")}
    assert told.interactions.ratings is None
    assert told.interactions.timestamps is None


def test_a_misspelt_column_is_named_beside_the_one_expected(pantry):
    with pytest.raises(UserError, match="no user_id \\(is 'usr_id' meant\\?\\) among its columns 'usr_id', 'item_id'"):
        pantry(interactions={"a.csv": "usr_id,item_id\nu,i\n"})


def test_no_header_is_told_by_the_columns_found(pantry):
    with pytest.raises(UserError, match=r"no user_id and no item_id among its columns '1', '31', '2\.5'; "):
        pantry(train={"a.csv": "1,31,2.5\n1,32,3\n"})


def test_items_by_any_of_their_names(pantry):
    told = pantry(items={"a.csv": "id,Name,Genre,Release_Date\n1,One,Drama|War,1999-12-31\n2,Two,,\n"})
    assert told.catalogue.titles == ("One", "Two")
    assert values(told.catalogue, "genres") == {"1": ["Drama", "War"]}
    assert numbers(told.catalogue, "year") == {"1": 1999}
    assert set(told.catalogue.columns) == {"genres", "year"}


def test_a_table_of_neither_is_told_and_left(pantry):
    told = pantry(train={"a.csv": "user_id,item_id\nu,i\nv,i\n", "users.csv": "user_id,age\nu,7\n"})
    assert told.warnings == (
        "users.csv was not read: no item_id among its columns 'user_id', 'age'; the first line names them",
    )


def test_ratings_in_some_files_alone_are_refused(pantry):
    files = {"a.csv": "user_id,item_id,rating\nu,i,4\n", "b.csv": "user_id,item_id\nu,j\n"}
    with pytest.raises(UserError, match=r"^b\.csv: there is no rating column, but 'a\.csv' has one"):
        pantry(interactions=files)
