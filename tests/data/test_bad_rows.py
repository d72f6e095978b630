"""A bad row is left out and its place is told; too many of them stop the reading."""

import json

import pytest

from kindred.errors import UserError
from kit.pantries import pairs

HEADER = "user_id,item_id,rating,timestamp\n"
GOOD = "u{0},i{0},4,1600000000\n"
BAD = {
    ",i,4,1600000000": "the user_id is missing",
    '"",i,4,1600000000': "the user_id is missing",
    "u,,4,1600000000": "the item_id is missing",
    "u": "the item_id is missing",
    "u,i,,1600000000": "the rating is not a finite number",
    "u,i,good,1600000000": "the rating is not a finite number",
    "u,i,NaN,1600000000": "the rating is not a finite number",
    "u,i,inf,1600000000": "the rating is not a finite number",
    "u,i,1e300,1600000000": "the rating is not a finite number",
    "u,i,4,yesterday": "the timestamp is neither",
    "u,i,4,": "the timestamp is neither",
    "u,i,4,nan": "the timestamp is neither",
    "u,i,4,1600000000,more": "more cells than the header",
    "é" * 513 + ",i,4,1600000000": "the user_id is longer than 1,024 bytes",
    "u," + "x" * 1_000_000 + ",4,1600000000": "the item_id is longer than 1,024 bytes",
}


def good(rows: int) -> str:
    return "".join(GOOD.format(row) for row in range(rows))


@pytest.mark.parametrize(("row", "defect"), BAD.items(), ids=[*map(str, range(len(BAD)))])
def test_each_kind_is_left_out_and_told_with_its_line(pantry, row, defect):
    told = pantry(interactions={"views.csv": f"{HEADER}{good(15)}{row}\n{good(3)}"})
    assert len(told.interactions.users) == 18
    (warning,) = told.warnings
    assert warning.startswith("1 row was left out: ")
    assert defect in warning
    assert warning.endswith("(views.csv:17)")


def test_lines_are_right_after_quoted_line_ends_and_blank_lines(pantry):
    text = f'\n{HEADER}u,"a\nb\nc",4,1600000000\n\n{good(9)},i,4,1600000000\n'
    told = pantry(interactions={"views.csv": text})
    assert text.split("\n")[15] == ",i,4,1600000000"
    assert told.warnings == ("1 row was left out: the user_id is missing (views.csv:16)",)


def test_blank_lines_are_nobodys_fault(pantry):
    told = pantry(interactions={"views.csv": f"{HEADER}\n{good(2)}\n\n"})
    assert len(told.interactions.users) == 2
    assert told.warnings == ()


def test_one_sentence_a_kind_across_files_with_three_places(pantry):
    files = {f"{name}.csv": f"{HEADER}{good(9)},i,4,1600000000\n,i,4,1600000000\n" for name in "abc"}
    files["c.csv"] += "u,,4,1600000000\n"
    assert pantry(interactions=files).warnings == (
        "6 rows were left out: the user_id is missing (a.csv:11, a.csv:12, b.csv:11, …)",
        "1 row was left out: the item_id is missing (c.csv:13)",
    )


def test_more_than_a_tenth_and_ten_stops_at_the_first(pantry):
    text = HEADER + good(98) + "u,,4,1600000000\n" + ",i,4,1600000000\n" * 10
    with pytest.raises(UserError, match=r"^views\.csv:100: the item_id is missing; 11 of the 109 rows"):
        pantry(interactions={"views.csv": text})
    assert len(pantry(interactions={"views.csv": HEADER + good(99) + ",i,4,1600000000\n" * 11}).warnings) == 1


def test_ten_may_be_bad_but_not_all(pantry):
    assert len(pantry(interactions={"views.csv": HEADER + good(2) + ",i,4,1600000000\n" * 10}).warnings) == 1
    with pytest.raises(UserError, match=r"^views\.csv:2: the user_id is missing; 2 of the 2 rows"):
        pantry(interactions={"views.csv": HEADER + ",i,4,1600000000\n" * 2})


def test_json_lines_tell_theirs(pantry):
    lines = ['{"user_id": "u", "item_id": "a"}', "", '{"user_id": "u"}', '{"user_id": "u", "item_id": "b"}']
    told = pantry(interactions={"a.jsonl": "\n".join(lines)})
    assert told.warnings[0] == "1 row was left out: the item_id is missing (a.jsonl:3)"


@pytest.mark.parametrize("line", ["{broken", "[1, 2]", "7", '"text"', '{"user_id": "u", "item_id": "c"} more'])
def test_a_line_that_is_no_object_is_a_bad_row(pantry, line):
    text = f'{{"user_id": "u", "item_id": "a"}}\n\n{line}\n{{"user_id": "v", "item_id": "b", "rating": 1}}\n'
    # Where one line lacks the rating, it is that line which is bad.
    told = pantry(interactions={"a.jsonl": text.replace(', "rating": 1', "")})
    assert set(pairs(told)) == {("u", "a"), ("v", "b")}
    (warning,) = told.warnings
    assert "is no JSON object (a.jsonl:3)" in warning


def test_bad_items_are_told_too(pantry):
    told = pantry(items={"items.csv": "item_id,title\n1,One\n,Two\n3,Three,more\n"})
    assert told.catalogue.ids == ("1",)
    assert len(told.warnings) == 2
    assert "(items.csv:3)" in told.warnings[0]
    assert "(items.csv:4)" in told.warnings[1]


def test_rows_of_one_array_are_told_by_their_number(pantry):
    rows = [{"user_id": "u", "item_id": "a"}, {"user_id": "v"}, {"user_id": "w", "item_id": "a"}]
    told = pantry(interactions={"a.json": json.dumps(rows, indent=1)})
    assert told.warnings[0] == "1 row was left out: the item_id is missing (a.json:2)"
