"""Items and their columns: what is a number, a category, several of them, or nothing to go by."""

import io

import polars as pl
import pytest

from kindred.errors import UserError
from kit.pantries import numbers, values


def items(rows: dict[str, list[object]]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(rows).write_parquet(buffer)
    return buffer.getvalue()


def test_columns_are_typed_by_what_they_hold(pantry):
    text = (
        "item_id,title,price,country,cast,mixed,nothing,code\n"
        "1,One,3.5,FR,Ann|Bob,7,,x\n"
        "2,Two,4,NA,Bob| Cy ,x,,x\n"
        "3,Three,,FR,,,,x\n"
    )
    catalogue = pantry(items={"items.csv": text}).catalogue
    assert numbers(catalogue, "price") == {"1": 3.5, "2": 4.0}
    assert values(catalogue, "country") == {"1": ["FR"], "2": ["NA"], "3": ["FR"]}
    assert values(catalogue, "cast") == {"1": ["Ann", "Bob"], "2": ["Bob", "Cy"]}
    assert values(catalogue, "mixed") == {"1": ["7"], "2": ["x"]}
    assert set(catalogue.columns) == {"price", "country", "cast", "mixed", "code"}


@pytest.mark.parametrize("genres", ["War|Drama", "War,Drama", " Drama , War ", "Drama|War|Drama", "|War||Drama"])
def test_genres_are_split_however_they_are_joined(pantry, genres):
    assert values(pantry(items={"a.csv": f'item_id,genres\n1,"{genres}"\n'}).catalogue, "genres") == {
        "1": ["Drama", "War"]
    }


def test_long_texts_and_names_group_nothing(pantry):
    story = "A tale of item {} that goes on for quite a while, as tales do."
    rows = {
        "item_id": [*range(2000)],
        "story": [story.format(n) for n in range(2000)],
        "slug": [f"slug-{n}" for n in range(2000)],
        "studio": [f"studio {n % 7}, of quite some length and then more" for n in range(2000)],
    }
    assert set(pantry(items={"a.parquet": items(rows)}).catalogue.columns) == {"studio"}


def test_lists_are_several_values_and_structs_are_told(pantry):
    rows = {
        "item_id": ["1", "2", "3"],
        "title": [["One", "Eins"], [], ["Three"]],
        "genres": [["War", "Drama"], [], None],
        "tags": [["b", "a"], ["b"], None],
        "price": [1.5, None, float("nan")],
        "size": [{"w": 1}, {"w": 2}, None],
    }
    told = pantry(items={"a.parquet": items(rows)})
    assert values(told.catalogue, "genres") == {"1": ["Drama", "War"]}
    assert told.catalogue.titles == ("One", "Three", "")
    assert values(told.catalogue, "tags") == {"1": ["a", "b"], "2": ["b"]}
    assert numbers(told.catalogue, "price") == {"1": 1.5}
    assert "size" not in told.catalogue.columns
    assert told.warnings == ("a.parquet: the column 'size' was not read: it is nested (Struct({'w': Int64}))",)


def test_json_items(pantry):
    text = """
        {"item_id": 1, "title": "One", "genres": ["Drama"], "year": 1999, "price": 2.5}
        {"item_id": "2", "late": "x", "meta": {"a": 1}, "price": 3}
    """
    told = pantry(items={"a.jsonl": text})
    assert dict(zip(told.catalogue.ids, told.catalogue.titles, strict=True)) == {"1": "One", "2": ""}
    assert values(told.catalogue, "genres") == {"1": ["Drama"]}
    assert values(told.catalogue, "late") == {"2": ["x"]}
    assert numbers(told.catalogue, "year") == {"1": 1999}
    assert numbers(told.catalogue, "price") == {"1": 2.5, "2": 3}
    assert "'meta' was not read" in told.warnings[0]


def test_several_tables_describe_one_item_together(pantry):
    files = {
        "a.csv": "item_id,title,genres\n1,One,Drama\n2,Two,War\n",
        "b.jsonl": '{"item_id": "1", "genres": ["Comedy"], "price": 3}\n{"item_id": "3", "title": "Three"}\n',
    }
    told = pantry(items=files)
    assert dict(zip(told.catalogue.ids, told.catalogue.titles, strict=True)) == {"1": "One", "2": "Two", "3": "Three"}
    assert values(told.catalogue, "genres") == {"1": ["Comedy", "Drama"], "2": ["War"]}
    assert numbers(told.catalogue, "price") == {"1": 3}
    assert told.warnings == ()


def test_an_item_described_twice_is_told_and_no_order_matters(pantry):
    once = pantry(items={"a.csv": "item_id,title,price\n1,Zwei,3\n1,Eins,4\n2,Two,5\n"})
    again = pantry(items={"a.csv": "item_id,title,price\n2,Two,5\n1,Eins,4\n1,Zwei,3\n"})
    assert once.fingerprint == again.fingerprint
    assert sorted(once.catalogue.titles) == ["Eins", "Two"]
    assert once.warnings == ("items described in more than one way: 1; the first value in the alphabet was kept",)


def test_items_seen_and_items_described_are_all_there(pantry):
    told = pantry(
        interactions={"a.csv": "user_id,item_id\nu,seen\nv,seen\nu,both\n"},
        items={"i.csv": "item_id,title,price\nboth,Both,1\ntold,Told,2\n"},
    )
    assert told.catalogue.ids == ("seen", "both", "told")
    assert told.catalogue.titles == ("", "Both", "Told")
    assert told.catalogue.described.tolist() == [False, True, True]
    assert numbers(told.catalogue, "price") == {"both": 1, "told": 2}


def test_a_nested_id_is_refused(pantry):
    with pytest.raises(UserError, match=r"a\.parquet: the column 'item_id' is nested"):
        pantry(items={"a.parquet": items({"item_id": [{"a": 1}], "title": ["x"]})})
