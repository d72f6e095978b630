"""The declaration: tables that agree with themselves, with what training says, and with the front door."""

import re
from pathlib import Path

import pytest

from algorithms.jobs import Trained
from kindred.algorithms import ALGORITHMS
from kindred.algorithms.recommender import ALGORITHM, claims
from kindred.algorithms.recommender_declared import CHANNELS, HYPERPARAMETERS, METRICS
from kindred.contract.port import Channel
from kindred.errors import UserError

BY_NAME = {row.name: row for row in HYPERPARAMETERS}


def test_the_doors_know_it():
    assert ALGORITHM in ALGORITHMS


def test_names_are_given_once():
    for table in (HYPERPARAMETERS, CHANNELS, METRICS):
        names = [row.name for row in table]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", HYPERPARAMETERS, ids=lambda row: row.name)
def test_a_default_is_a_value_that_could_have_been_sent(row):
    assert row.parse(str(row.default).lower()) == row.default


@pytest.mark.parametrize("row", [row for row in HYPERPARAMETERS if row.range], ids=lambda row: row.name)
def test_the_ends_of_a_range_are_valid(row):
    for end in row.range:
        row.parse(str(end))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("recency", "AUTO", "auto"),
        ("recency", "0.5", 0.5),
        ("positive_from", "auto", "auto"),
        ("positive_from", "3.5", 3.5),
        ("evaluate", "False", False),
        ("seed", "7", 7),
    ],
)
def test_values_are_read(name, text, value):
    assert BY_NAME[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("recency", "soon"),
        ("recency", "-1"),
        ("ridge", "0"),
        ("tastes", "0"),
        ("width", "1.5"),
        ("block", "many"),
        ("evaluate", "perhaps"),
        ("seed", "-1"),
    ],
)
def test_what_is_no_value_is_refused(name, text):
    with pytest.raises(ValueError, match=r"\w+"):
        BY_NAME[name].parse(text)


def test_there_is_one_objective():
    assert [metric.name for metric in METRICS if metric.objective] == ["test:ndcg_at_10"]


@pytest.mark.parametrize("figure", ["0.2043722947375397", "0.0", "1.0", "3e-05"])
@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_finds_its_own_line_and_no_other(metric, figure):
    found = [re.match(other.regex, f"{metric.name}={figure}") for other in METRICS]
    assert [match[1] for match in found if match] == [figure]


def test_what_is_declared_is_what_training_reports(sample: Trained):
    assert set(sample.outcome.metrics) == {metric.name for metric in METRICS}


@pytest.mark.parametrize("name", ["ridge", "recency", "head"])
def test_the_report_says_what_was_chosen_where_it_was_left_open(name: str, sample: Trained):
    told = (sample.base / "output" / "report.html").read_text(encoding="utf-8")
    assert f"auto → {sample.outcome.metrics[f'chosen:{name}']:g}" in told


@pytest.mark.parametrize(
    ("names", "claimed"),
    [
        (["interactions"], True),
        (["items"], True),
        (["Interactions", "test"], True),
        (["train"], True),
        (["training"], True),
        (["test"], False),
        ([], False),
    ],
)
def test_channels_that_mean_it(names: list[str], claimed: bool, tmp_path: Path):
    (tmp_path / "views.csv").write_text("user_id,item_id\n1,2\n")
    assert claims({name: Channel(name=name, folder=tmp_path) for name in names}) is claimed


@pytest.mark.parametrize("content", ["a text\n", "seats;rows\n1;2\n", ""])
def test_a_folder_that_nobody_can_read_is_told_what_it_might_hold(content: str, tmp_path: Path):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(UserError, match="nor does it hold vectors for k-means") as caught:
        claims({"train": Channel(name="train", folder=tmp_path)})
    assert "channel 'train' holds no" in str(caught.value)
