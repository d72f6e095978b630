"""JSON and JSON Lines: what is read, what is refused, what is written."""

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.codecs import json_lines, json_text
from kindred.errors import Bug, UserError

finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | finite
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(values)
def test_there_and_back(value: object) -> None:
    assert json_text.decode(json_text.encode(value).decode()) == value
    assert json_text.decode(json.dumps(value, indent=1)) == value


@given(st.lists(values))
def test_lines_there_and_back(several: list[object]) -> None:
    text = json_lines.encode(several).decode()
    assert json_lines.decode(text) == list(enumerate(several, 1))
    assert text.count("\n") == len(several)


def test_blank_lines_count_but_are_no_values() -> None:
    assert json_lines.decode('\n{"a":1}\r\n \n[2]') == [(2, {"a": 1}), (4, [2])]


@pytest.mark.parametrize("key", ["a", "", "é", "with: colon", 'with "quote"'])
def test_a_key_that_stands_twice(key: str) -> None:
    twice = f"[{{{json.dumps(key)}: 1, {json.dumps(key)}: 2}}]"
    with pytest.raises(UserError, match="stands twice"):
        json_text.decode(twice)


def test_a_key_twice_under_two_spellings() -> None:
    with pytest.raises(UserError, match="'a' stands twice"):
        json_text.decode('{"a": 1, "\\u0061": 2}')


def test_colons_in_strings_are_no_keys() -> None:
    text = '{"at": "12:30:00", "b": [{"at": "::"}, {"at": ":"}]}'
    assert json_text.decode(text) == json.loads(text)


def test_depth() -> None:
    deepest = "[" * json_text.DEEPEST + "]" * json_text.DEEPEST
    assert json_text.decode(deepest) == json.loads(deepest)
    with pytest.raises(UserError, match="deeper than 64"):
        json_text.decode(f"[{deepest}]")
    with pytest.raises(UserError, match="deeper than 64"):
        json_text.decode('{"a":' * 50_000)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_no_number_that_is_not_finite_is_written(number: float) -> None:
    class Scored(msgspec.Struct):
        score: float | None

    for value in (number, [1.0, {"a": [number]}], (1, (number,)), Scored(number)):
        with pytest.raises(Bug):
            json_text.encode(value)
    assert json_text.encode(Scored(None)) == b'{"score":null}'


def test_an_error_names_its_place() -> None:
    with pytest.raises(UserError, match="line 3, column 2: NaN is no JSON number"):
        json_text.decode("[1,\n é\n NaN]".replace("é", '"é",'))
