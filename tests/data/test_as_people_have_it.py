"""Tables as people have them: spreadsheets' exports, data sets of the web, lists written as text."""

import io

import numpy as np
import polars as pl
import pytest

from kindred.data.pantry import read
from kindred.data.values import Known
from kindred.errors import UserError
from kit.pantries import numbers, pairs, values

EVENTS = "user_id,item_id,rating,timestamp\nu,i,4.5,1614852660\nv,j,3,1614852661\n"


def test_a_spreadsheets_export_is_the_same_table(pantry):
    exported = (
        "\ufeffuser_id;item_id;rating;timestamp\r\nu;i;4,5;2021-03-04 10:11\r\n"
        '"v";"j";3;2021-03-04 10:11:01\r\n'
    )  # fmt: skip
    told, plain = pantry(interactions={"a.csv": exported}), pantry(train={"a.csv": EVENTS})
    assert told.fingerprint == plain.fingerprint
    assert told.warnings == ()


@pytest.mark.parametrize("separator", [";", "\t", "|"], ids=["semicolon", "tab", "bar"])
def test_csv_with_other_marks_between_its_columns(pantry, separator):
    told = pantry(interactions={"a.csv": EVENTS.replace(",", separator)})
    assert told.fingerprint == pantry(train={"a.csv": EVENTS}).fingerprint


def test_decimal_commas_are_numbers_and_lists_of_numbers_are_not(pantry):
    text = 'item_id;title;price;weight;tags\n1;"One; two";9,99;1,5;16,35\n2;Two;1.299,00;2;16,35,12\n'
    told = pantry(items={"a.csv": text}).catalogue
    assert dict(zip(told.ids, told.titles, strict=True)) == {"1": "One; two", "2": "Two"}
    assert numbers(told, "price") == {"1": 9.99, "2": 1299.0}
    assert numbers(told, "weight") == {"1": 1.5, "2": 2.0}
    assert values(told, "tags") == {"1": ["16,35"], "2": ["16,35,12"]}


def test_between_semicolons_a_point_alone_stays_a_point(pantry):
    told = pantry(items={"a.csv": "item_id;price\n1;1.299\n2;3.500\n"}).catalogue
    assert numbers(told, "price") == {"1": 1.299, "2": 3.5}


@pytest.mark.parametrize("mark", ["\t", ","], ids=["tab", "comma"])
def test_utf16_is_told(pantry, mark):
    with pytest.raises(UserError, match=r"^a\.csv: the text is UTF-16, not UTF-8; save the file as UTF-8$"):
        pantry(items={"a.csv": f"item_id{mark}title\n1{mark}One\n".encode("utf-16")})


@pytest.mark.parametrize(
    ("written", "number"),
    [("4,5", 4.5), ("-0,25", -0.25), ("True", 1.0), ("false", 0.0), (" 3 ", 3.0)],
)
def test_ratings_however_they_are_written(pantry, written, number):
    told = pantry(interactions={"a.csv": f'user_id,item_id,rating\nu,i,"{written}"\nv,i,2.5\n'})
    assert sorted(told.interactions.ratings.tolist()) == sorted([number, 2.5])


def test_a_comma_that_could_be_either_is_refused(pantry):
    with pytest.raises(UserError, match="the rating is not a finite number"):
        pantry(interactions={"a.csv": 'user_id,item_id,rating\nu,i,"1,250"\n'})


WEB = {
    "H&M": ("t_dat,customer_id,article_id", "2021-03-04,u,0663", "0663", {"timestamps": 1614816000}),
    "Amazon reviews": ("asin,parent_asin,user_id,rating", "B1,B0,u,5", "B0", {"ratings": 5}),
    "Steam": ("steamid,appid,playtime_forever", "u,10,6314", "10", {"ratings": 1}),
    "last.fm": ("user_id,artist_id,plays", "u,51,0", "51", {"ratings": 0}),
    "songs": ("user_id,artist_id,song_id,play_count", "u,51,7,3", "7", {"ratings": 1}),
    "Book-Crossing": ('"User-ID";"ISBN";"Book-Rating"', '"u";"034545104X";"5"', "034545104X", {"ratings": 5}),
    "Goodreads": ("user_id,book_id,date_added", "u,2,Fri Aug 25 13:55:02 -0700 2017", "2", {"timestamps": 1503694502}),
    "days as numbers": ("user_id,item_id,date", "u,i,20210304", "i", {"timestamps": 1614816000}),
}


@pytest.mark.parametrize("name", WEB)
def test_columns_as_known_data_sets_call_them(pantry, name):
    header, row, item, events = WEB[name]
    told = pantry(interactions={"a.csv": f"{header}\n{row}\n"})
    assert pairs(told) == [("u", item)]
    for field, value in events.items():
        assert getattr(told.interactions, field).tolist() == [value]


def test_an_id_is_no_isbn_where_there_is_both(pantry):
    told = pantry(items={"a.csv": "id,isbn,title\n1,439023483,One\n"}).catalogue
    assert told.ids == ("1",)


def test_eight_digits_are_seconds_where_some_are_no_date(pantry):
    told = pantry(interactions={"a.csv": "user_id,item_id,timestamp\nu,i,20210304\nv,i,20211304\n"})
    assert sorted(told.interactions.timestamps.tolist()) == [20210304, 20211304]


def test_a_count_is_no_grade(pantry):
    """One to five plays, half of them of one: as ratings they would be stars, from four on positive."""
    rows = "".join(f"u{n},i,{n % 6}\n" for n in range(12))
    told = pantry(interactions={"a.csv": f"user_id,item_id,plays\n{rows}"})
    assert np.unique(told.interactions.ratings).tolist() == [0, 1]
    assert int(told.interactions.ratings.sum()) == 10
    assert told.warnings[0] == "a.csv: 'plays' is read as a count: more than 0 is positive, however much it is"


def test_a_rating_goes_before_a_count(pantry):
    told = pantry(interactions={"a.csv": "user_id,item_id,plays,rating\nu,i,9,4\nv,i,1,2\n"})
    assert sorted(told.interactions.ratings.tolist()) == [2, 4]
    assert told.warnings == ("a.csv has no timestamp; not read: 'plays' (rename the column that should be read)",)


def test_what_was_not_read_is_told_once_where_something_is_lacking(pantry):
    files = {f"{name}.csv": "user_id,item_id,liked,when\nu,i,1,5\nv,i,0,6\n" for name in "ab"}
    assert pantry(interactions=files).warnings == (
        "a.csv has no rating and no timestamp; not read: 'liked', 'when' (rename the column that should be read)",
    )
    assert pantry(train={"a.csv": "user_id,item_id\nu,i\nv,i\n"}).warnings == ()


def test_a_catalogue_of_other_ids_is_told(pantry):
    events = "user_id,item_id\n" + "".join(f"u{n},{n:03d}\n" for n in range(10))
    told = pantry(interactions={"a.csv": events}, items={"i.csv": "item_id,title\n7,Seven\n8,Eight\n005,Five\n"})
    assert told.warnings == (
        "of the 10 items of the interactions the catalogue describes 1; are the ids spelled alike? "
        "There is '000' among the interactions, '005' in the catalogue",
    )


def test_a_catalogue_that_lacks_a_few_is_nothing_to_tell(pantry):
    events = "user_id,item_id\n" + "".join(f"u{n},{n}\n" for n in range(10))
    items = "item_id,title\n" + "".join(f"{n},T{n}\n" for n in range(5))
    assert pantry(interactions={"a.csv": events}, items={"i.csv": items}).warnings == ()


LISTS = {
    "JSON": '["Drama", "War", "R\\u00f6man"]',
    "Python": "['Drama', 'War', \"Röman\"]",
    "NumPy": "['Drama' 'War' 'Röman']",
    "objects of JSON": '[{"id": 18, "name": "Drama"}, {"id": 2, "name": "War"}, {"id": 3, "name": "Röman"}]',
    "objects of Python": "[{'id': 18, 'name': 'Drama'}, {'name': 'War'}, {'id': 3, 'name': \"Röman\"}]",
    "nested": '[["Drama", "War"], ["Röman"]]',
    "bars": "Drama|War|Röman",
    "semicolons": "Drama;War; Röman",
}


# Two cells with semicolons do not tell a list from a sentence; genres are lists anyway.
CASES = [(form, column) for form in LISTS for column in ("genres", "keywords")][:-1]


@pytest.mark.parametrize(("form", "column"), CASES)
def test_a_list_however_it_is_written(pantry, form, column):
    cell, other = LISTS[form].replace('"', '""'), LISTS[form].replace("Drama", "Crime").replace('"', '""')
    text = f'item_id,{column}\n1,"{cell}"\n2,[]\n3,\n4,"{other}"\n'
    told = pantry(items={"a.csv": text if form not in ("bars", "semicolons") else text.replace("2,[]\n", "")})
    assert values(told.catalogue, column) == {"1": ["Drama", "Röman", "War"], "4": ["Crime", "Röman", "War"]}


def test_quotes_in_a_printed_list(pantry):
    text = """item_id,cast\n1,"['Conan O\\'Brien', ""Miles O'Keeffe""]"\n2,"[1, 2]"\n"""
    told = pantry(items={"a.csv": text}).catalogue
    assert values(told, "cast") == {"1": ["Conan O'Brien", "Miles O'Keeffe"], "2": ["1", "2"]}


def test_a_title_in_brackets_is_no_list(pantry):
    text = "item_id,title,maker\n1,[Rec],[a]\n2,Alien,b\n3,Up,c\n"
    told = pantry(items={"a.csv": text}).catalogue
    assert "[Rec]" in told.titles
    assert values(told, "maker") == {"1": ["[a]"], "2": ["b"], "3": ["c"]}


def test_objects_in_json_lines_are_lists_too(pantry):
    told = pantry(items={"a.jsonl": '{"item_id": 1, "genres": [{"id": 18, "name": "Drama"}]}'}).catalogue
    assert values(told, "genres") == {"1": ["Drama"]}


@pytest.mark.parametrize("mark", [",", ";"], ids=["commas", "semicolons"])
def test_cells_that_share_few_words_are_lists(pantry, mark):
    """Of four tags every pair and triple: ten cells, four words; places name their own country each."""
    tags = ["ab", "ac", "ad", "bc", "bd", "cd", "abc", "abd", "acd", "bcd"]
    rows = "".join(f'{n},"{f"{mark} ".join(each)}","Town {n}{mark} Land {n}"\n' for n, each in enumerate(tags))
    told = pantry(items={"a.csv": f"item_id,tags,place\n{rows}"}).catalogue
    assert values(told, "tags") == {str(n): list(each) for n, each in enumerate(tags)}
    assert values(told, "place")["3"] == [f"Town 3{mark} Land 3"]


def test_bytes_and_durations_are_told_and_cost_nothing_else(pantry):
    buffer = io.BytesIO()
    rows = {"item_id": [1, 2], "title": ["A", "B"], "picture": [b"\xff\xfe", b"a"], "runs": pl.Series([5, 6])}
    pl.DataFrame(rows).with_columns(pl.col("runs").cast(pl.Duration("ms"))).write_parquet(buffer)
    told = pantry(items={"a.parquet": buffer.getvalue()})
    assert sorted(told.catalogue.titles) == ["A", "B"]
    assert [one.partition(" was not read")[0] for one in told.warnings] == [
        "a.parquet: the column 'picture'",
        "a.parquet: the column 'runs'",
    ]


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("ml.zip", "ml.zip: unpack it"),
        ("a.xlsx", "a.xlsx: save the sheet as CSV"),
        ("a.txt", "a.txt: name it .csv"),
        ("a.dat", "a.dat: name"),
    ],
)
def test_the_next_step_for_other_files(pantry, name, step):
    with pytest.raises(UserError, match="holds nothing to read") as raised:
        pantry(train={name: b"PK\x03\x04"})
    assert step in str(raised.value)


def test_a_column_that_is_another_field_is_not_what_was_meant(pantry):
    with pytest.raises(UserError) as raised:
        pantry(interactions={"a.csv": "user_id,title,rating\nu,i,3\n"})
    assert "meant" not in str(raised.value)


def test_a_table_in_the_wrong_channel_is_told_where_it_goes(pantry):
    films, events = "item_id,title\n1,One\n", "user_id,item_id\nu,1\nv,1\n"
    with pytest.raises(UserError, match=r"no user_id among its columns .*; a table of items goes into the channel 'it"):
        pantry(interactions={"films.csv": films})
    told = pantry(items={"views.csv": events})
    assert told.warnings[0] == (
        "views.csv has a column 'user_id': where its rows are interactions, the channel is 'interactions'"
    )


def test_new_items_beside_an_earlier_model_are_no_strangers(fill):
    """The catalogue is of the new items alone: the earlier model has described the others."""
    known = Known(ids=("a", "b", "c"), titles=("A", "B", "C"), columns={})
    channels = {
        "interactions": fill("interactions", {"v.csv": "user_id,item_id\nu,a\nv,b\nw,c\nw,d\n"}),
        "items": fill("items", {"i.csv": "item_id,title\nd,D\n"}),
    }
    assert read(channels, earlier=known).warnings == ()
    assert len(read(channels).warnings) == 1
