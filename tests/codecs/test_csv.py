"""CSV by RFC 4180, there and back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.codecs import csv_rows
from kindred.errors import UserError

cells = st.text(st.characters(exclude_categories=["Cs"])) | st.text(alphabet='a,"\n\r \x0b\u2028')
rows = st.lists(st.lists(cells, max_size=4))


@given(rows)
def test_there_and_back(table: list[list[str]]) -> None:
    text = csv_rows.encode(table).decode()
    assert [row for _, row in csv_rows.decode(text)] == table


@given(st.lists(st.lists(st.text(alphabet='ab,"é '), min_size=1, max_size=4)))
def test_others_read_it(table: list[list[str]]) -> None:
    assert list(csv.reader(io.StringIO(csv_rows.encode(table).decode(), newline=""))) == table


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(ends: str, last: bool) -> None:
    text = ends.join(["a,b", "", '"c', 'd"', "e"]) + (ends if last else "")
    assert csv_rows.decode(text) == [(1, ["a", "b"]), (2, []), (3, [f"c{ends}d"]), (5, ["e"])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\n", [[]]),
        ('""\n', [[""]]),
        (",\n", [["", ""]]),
        ("007, x \n", [["007", " x "]]),
        ("a\x00", [["a\x00"]]),
    ],
)
def test_small_tables(text: str, expected: list[list[str]]) -> None:
    assert [row for _, row in csv_rows.decode(text)] == expected


@pytest.mark.parametrize(("text", "line"), [('a\n"b\n\n', 2), ('"a\n"\n"b" c\n', 3), ("x" * 131_073, 1)])
def test_an_error_names_the_line_where_its_row_begins(text: str, line: int) -> None:
    with pytest.raises(UserError) as refused:
        csv_rows.decode(text)
    assert refused.value.at == f"line {line}"
