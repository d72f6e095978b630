"""However a hyperparameter is quoted, it means one thing (contract lines 24-27)."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindred.contract import hyperparameters as hp
from kindred.contract.port import Hyperparameter
from kindred.errors import UserError
from kit.echo import ECHO

K = Hyperparameter(name="k", description="", kind="Integer", parse=hp.integer(1, 100), required=True)


def typed(**given):
    return hp.typed(given, table=ECHO.hyperparameters, owner="echo")


@pytest.mark.parametrize(
    "quoted", ["7", " 7 ", '"7"', '"\\"7\\""', '"\\"\\\\\\"7\\\\\\"\\""', 7, 7.0, "7.0", "+7", "07"]
)
def test_whole_number_however_quoted(quoted):
    """[25] plain, JSON-encoded, doubly and triply encoded, and a number where SageMaker would send a string."""
    assert typed(least=quoted)["least"] == 7


@pytest.mark.parametrize(
    ("quoted", "meant"),
    [(form, True) for form in ("True", "true", "1", '"true"', '"\\"True\\""', True, 1, "yes", "on")]
    + [(form, False) for form in ("False", "false", "0", '"False"', False, 0, "no", "off")],
)
def test_flag_however_spelled(quoted, meant):
    """[25] True, true, 1"""
    assert typed(keep=quoted)["keep"] is meant


@pytest.mark.parametrize("quoted", ["k-means++", '"k-means++"', '"\\"k-means++\\""', "K-Means++"])
def test_word_however_quoted(quoted):
    """[25]"""
    assert typed(mode=quoted)["mode"] == "k-means++"


@pytest.mark.parametrize(
    "quoted",
    ['["msd","ssd"]', '"[\\"msd\\", \\"ssd\\"]"', ["msd", "ssd"], "msd, SSD", "['msd', 'ssd']", '["\\"msd\\"","ssd"]'],
)
def test_list_however_quoted(quoted):
    """[25] [159]"""
    assert hp.choices("msd", "ssd")(hp.decoded(quoted)) == ("msd", "ssd")


@pytest.mark.parametrize(("quoted", "meant"), [("auto", "auto"), ('"AUTO"', "auto"), ("7", 7), ('"7"', 7)])
def test_a_word_or_a_number(quoted, meant):
    """[159] `extra_center_factor` is auto or a whole number"""
    assert hp.choice_or("auto", hp.integer(1))(hp.decoded(quoted)) == meant


def test_neither_the_word_nor_a_number():
    with pytest.raises(ValueError, match=r"^'auto' or a whole number of at least 1$"):
        hp.choice_or("auto", hp.integer(1))("automatic")


@pytest.mark.parametrize("wrong", ["[", "rmse", '["msd", 1]', "[[]]", "{}", "[" * 2500])
def test_list_of_anything_else_is_refused(wrong):
    with pytest.raises(ValueError, match="a list of msd, ssd"):
        hp.choices("msd", "ssd")(wrong)


@pytest.mark.parametrize("text", ["007", "a,b", '"', '"unclosed', "naïve 🎬", "{not json", "True"])
def test_free_text_stays_as_it_is(text):
    """[195] the toolkit would make a number of some of these"""
    assert typed(label=text)["label"] == text


BARE = st.text(max_size=40).map(str.strip).filter(lambda text: not text.startswith('"'))


@settings(max_examples=50, deadline=None)
@given(BARE, st.integers(0, 4))
def test_any_text_survives_any_number_of_encodings(text, layers):
    """[25] but one that itself begins with a quote, which is taken for an encoded one"""
    quoted = text
    for _ in range(layers):
        quoted = json.dumps(quoted)
    assert hp.decoded(quoted) == text


@pytest.mark.parametrize("absent", [None, "null", '"null"'])
def test_null_means_not_given(absent):
    assert typed(least=absent)["least"] == 0
    with pytest.raises(UserError, match="'k' is required"):
        hp.typed({"k": absent}, table=(K,), owner="kmeans")


def test_defaults_stand_for_what_is_not_given():
    assert typed() == {row.name: row.default for row in ECHO.hyperparameters}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("least", "ten", "'least' must be a whole number between 0 and 1000, not 'ten'"),
        ("least", "1.5", "a whole number"),
        ("least", "-1", "between 0 and 1000"),
        ("least", "1001", "between 0 and 1000"),
        ("least", "", "not ''"),
        ("rate", "NaN", "a number between 0 and 1"),
        ("rate", float("nan"), "a number between 0 and 1"),
        ("rate", "inf", "a number between 0 and 1"),
        ("rate", "1e999", "a number between 0 and 1"),
        ("mode", "lowd", "one of loud, quiet, k-means\\+\\+, not 'lowd'"),
        ("keep", "maybe", "true or false, not 'maybe'"),
        ("label", "x" * 2501, "at most 2500 characters, not 'x{60}…'"),
        ("least", [1], "not '\\[1\\]'"),
    ],
)
def test_wrong_value_is_refused_with_what_was_expected(name, value, expected):
    """[87] the table's own ranges"""
    with pytest.raises(UserError, match=expected):
        typed(**{name: value})


@pytest.mark.parametrize(("wrong", "nearest"), [("lest", "least"), ("Rate", "rate"), ("behavior", "behaviour")])
def test_unknown_name_is_refused_with_the_nearest(wrong, nearest):
    """[27]"""
    with pytest.raises(UserError, match=f"'{wrong}' is unknown to echo \\(did you mean '{nearest}'\\?\\)"):
        typed(**{wrong: "1"})


def test_unknown_name_far_from_all_lists_them():
    """[27]"""
    with pytest.raises(UserError, match="valid: behaviour, keep, label, least, mode, rate"):
        typed(zzzzzz="1")


def test_all_problems_in_one_sentence():
    """[72]"""
    with pytest.raises(UserError) as caught:
        hp.typed({"kk": "1", "mode": "x"}, table=(K, *ECHO.hyperparameters), owner="both")
    assert str(caught.value).count(";") == 2
    for part in ("'kk' is unknown", "'mode' must be", "'k' is required"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "name", ["_tuning_objective_metric", "_kvstore", "_num_gpus", "sagemaker_program", "sagemaker_job_name", "_"]
)
def test_infrastructure_keys_are_ignored(name):
    """[26]"""
    assert typed(**{name: '"x"'}) == typed()


@pytest.mark.parametrize(("text", "whole"), [("9007199254740993", 9007199254740993), ("1e3", 1000)])
def test_whole_numbers_keep_every_digit(text, whole):
    assert hp.integer(0)(text) == whole
