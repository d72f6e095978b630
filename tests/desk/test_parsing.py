"""Instances and CSV lines become requests, or are refused with a sentence that says what to mend, and where."""

import msgspec
import pytest

from kindred.desk.parsing import from_json, from_row
from kindred.desk.request import Event, Range, Request
from kindred.errors import UserError


def refused(instance, **options) -> tuple[str, str | None]:
    with pytest.raises(UserError) as caught:
        from_json(instance, options)
    assert caught.value.status == 400
    return caught.value.sentence, caught.value.at


def row_refused(cells, **options) -> tuple[str, str | None]:
    with pytest.raises(UserError) as caught:
        from_row(cells, options)
    return caught.value.sentence, caught.value.at


def test_an_empty_instance_has_the_promised_defaults():
    asked = from_json({}, {})
    assert (asked.n, asked.exclude_seen, asked.diversity, asked.explain) == (10, True, 0.0, True)
    assert (asked.rank, asked.allow, asked.exclude, asked.filter) == (None, None, [], {})


def test_a_filter_takes_true_and_false():
    asked = from_json({"filter": {"adult": False, "new": [True, 1]}}, {})
    assert asked.filter == {"adult": False, "new": [True, 1]}


def test_a_bare_list_is_a_history():
    assert from_json(["a", "b"], {}) == from_json({"history": ["a", "b"]}, {})


def test_events_carry_ratings_and_times():
    event = {"item_id": "a", "rating": 5, "timestamp": 1690000000, "event_type": "watch"}
    [read] = from_json({"history": [event]}, {}).history
    assert read == Event(item_id="a", rating=5.0, timestamp=1690000000.0, event_type="watch")


@pytest.mark.parametrize("n", [1, 1000])
def test_n_reaches_its_bounds(n):
    assert from_json({"n": n}, {}).n == n


@pytest.mark.parametrize("n", [0, -1, 1001, 10**9])
def test_n_beyond_its_bounds_is_refused_where_it_stands(n):
    sentence, at = refused({"n": n})
    assert at == ".n"
    assert ("1000" if n > 0 else ">= 1") in sentence


@pytest.mark.parametrize(
    ("option", "value"),
    [("n", "5"), ("n", 2.5), ("n", None), ("n", True), ("diversity", 1.5), ("diversity", -0.1), ("explain", "yes")],
)
def test_an_option_of_the_wrong_kind_is_refused_where_it_stands(option, value):
    assert refused({option: value})[1] == f".{option}"


@pytest.mark.parametrize(
    ("instance", "at"),
    [
        ({"history": "a"}, ".history"),
        ({"history": ["a", 1.5]}, ".history[1]"),
        ({"history": ["a", None]}, ".history[1]"),
        ({"history": [True]}, ".history[0]"),
        ({"history": [{"rating": 5}]}, ".history[0]"),
        ({"history": ["a", {"item_id": "b", "rating": "good"}]}, ".history[1].rating"),
        ({"user_id": ["42"]}, ".user_id"),
        ({"item": "a film"}, ".item"),
        ({"exclude": "a"}, ".exclude"),
        ({"rank": {"a": 1}}, ".rank"),
        ({"filter": []}, ".filter"),
        ({"filter": {"genres": ["War"], "year": None}}, ".filter.year"),
        ({"filter": {"year": [1990, None]}}, ".filter.year[1]"),
        ({"filter": {"year": {"gte": "1990"}}}, ".filter.year.gte"),
    ],
)
def test_the_place_of_a_mistake_is_named(instance, at):
    assert refused(instance)[1] == at


@pytest.mark.parametrize(
    ("instance", "wrong", "right"),
    [
        ({"histroy": []}, "histroy", "history"),
        ({"user": "42"}, "user", "user_id"),
        ({"history": [], "divresity": 0.1}, "divresity", "diversity"),
        ({"history": [{"item_id": "a", "raiting": 4}]}, "raiting", "rating"),
        ({"filter": {"year": {"gtee": 1990}}}, "gtee", "gte"),
    ],
)
def test_an_unknown_key_is_refused_by_name_with_the_nearest(instance, wrong, right):
    assert refused(instance)[0] == f"unknown key '{wrong}' (did you mean '{right}'?)"


def test_a_key_unlike_any_other_gets_the_list():
    sentence, _ = refused({"zzz": 1})
    assert sentence.startswith("unknown key 'zzz' (valid: allow, ")


def test_two_subjects_are_one_too_many():
    assert refused({"history": [], "user_id": "42"})[0].endswith("this one has history and user_id")


@pytest.mark.parametrize("value", ["a", 5, None, True])
def test_an_instance_is_an_object_or_a_list(value):
    assert "an object or a list of item ids" in refused(value)[0]


def test_the_instance_wins_over_the_configuration():
    assert from_json({"n": 3}, {"n": 7, "explain": False}) == Request(n=3, explain=False)


def test_the_configuration_holds_options_alone():
    assert refused({}, history=["a"])[0].startswith("unknown option 'history'")
    assert refused({}, nn=3)[0] == "unknown option 'nn' (did you mean 'n'?)"


def test_a_line_is_a_history():
    assert from_row(["007", "b", "12"], {}).history == ["007", "b", "12"]


def test_empty_cells_do_not_count():
    assert from_row(["a", "", "b", ""], {}).history == ["a", "b"]
    assert from_row([""], {}).history == []
    assert from_row([], {}).history == []
    assert from_row(["42", ""], {"input": "user_id"}).user_id == "42"


@pytest.mark.parametrize("subject", ["user_id", "item_id"])
def test_the_option_input_says_what_a_line_is(subject):
    asked = from_row(["007"], {"input": subject})
    assert getattr(asked, subject) == "007"
    assert row_refused(["a", "b"], input=subject)[0] == f"with input={subject} a line is one id; this one has 2"
    assert row_refused([], input=subject)[0].endswith("this one has 0")


def test_another_input_is_refused_with_the_nearest():
    assert row_refused(["a"], input="user")[0] == "input cannot be 'user' (did you mean 'user_id'?)"


def test_options_of_a_line_are_text():
    options = {
        "n": "20",
        "diversity": "0.5",
        "explain": "false",
        "exclude_seen": "0",
        "exclude": "a,007",
        "allow": "b|c",
        "filter": '{"genres": ["Drama"], "year": {"gte": 1990}}',
    }
    assert from_row(["x"], options) == Request(
        history=["x"],
        n=20,
        diversity=0.5,
        explain=False,
        exclude_seen=False,
        exclude=["a", "007"],
        allow=["b", "c"],
        filter={"genres": ["Drama"], "year": Range(gte=1990)},
    )


@pytest.mark.parametrize(
    ("options", "at"), [({"n": "0"}, ".n"), ({"n": "many"}, ".n"), ({"filter": "genres=Drama"}, ".filter")]
)
def test_an_option_of_a_line_is_checked_as_well(options, at):
    assert row_refused(["x"], **options)[1] == at


def test_a_misspelt_option_of_a_line_is_refused_with_the_nearest():
    assert row_refused(["x"], divresity="0.3")[0] == "unknown option 'divresity' (did you mean 'diversity'?)"
    assert row_refused(["x"], imput="user_id")[0] == "unknown option 'imput' (did you mean 'input'?)"


def test_what_else_travels_in_the_headers_of_a_line_is_let_through():
    assert from_row(["x"], {"trace-id": "abc", "label_size": "0"}) == from_row(["x"], {})


def test_numbers_beyond_any_machine_are_refused_and_not_our_fault():
    huge = msgspec.json.decode(b"1" + b"0" * 30)
    assert refused({"n": huge})[1] == ".n"
    assert refused({"history": [{"item_id": "a", "timestamp": "soon"}]})[1] == ".history[0].timestamp"
