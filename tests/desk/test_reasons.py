"""Reasons that are true: for every kind of history, what its items add is what the score is."""

import numpy as np
import pytest

from algorithms.jobs import SAMPLE_CHANNELS, Trained, ask, films, ids, table, trained, two_taste_items
from kindred.algorithms import recommender
from kindred.desk.response import Prediction, Recommendation
from kindred.recommender.scorer import history

SPACE = ["alien-1979", "blade-runner-1982", "the-matrix-1999"]
RATED = [{"item_id": one, "rating": rating} for one, rating in zip([*SPACE, "jaws-1975"], (5, 4, 4.5, 1), strict=True)]
TIMED = [{"item_id": one, "timestamp": 100 - place} for place, one in enumerate(SPACE)]
HISTORIES = {
    "plain": SPACE,
    "one": SPACE[:1],
    "repeated": [*SPACE, *SPACE[:2], SPACE[0]],
    "rated": RATED,
    "timed": TIMED,
    "with unknown ids": ["no such film", *SPACE],
    "long": sorted(films())[::5],
}
TOLERANCE = 1e-4
"""Of the largest figure of a sum: what rounding to the digits shown, and float32, may leave."""


def summed(one: Recommendation) -> float:
    return sum(each.weight for each in one.contributions) + (one.others or 0) + (one.spread or 0)


def check(answer: Prediction) -> None:
    assert answer.recommendations
    for one in answer.recommendations:
        figures = [one.score, one.others or 0, one.spread or 0, *(each.weight for each in one.contributions)]
        within = TOLERANCE * max(map(abs, figures))
        assert summed(one) == pytest.approx(one.score, abs=within)
        assert one.parts.block + one.parts.taste + (one.spread or 0) == pytest.approx(one.score, abs=within)


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
@pytest.mark.parametrize("options", [{}, {"n": 300}, {"diversity": 0.4, "n": 40}, {"filter": {"genres": ["War"]}}])
def test_contributions_sum_to_the_score(sample: Trained, history: list, options: dict):
    answer = sample.ask({"history": history, **options})
    check(answer)
    if "diversity" not in options:
        assert all(one.spread is None for one in answer.recommendations)


def test_contributions_sum_to_the_score_of_users_and_of_exactly_these(sample: Trained):
    check(sample.ask({"user_id": "viewer-0001", "n": 50}))
    check(sample.ask({"history": SPACE, "rank": sorted(films())[:50]}))


def test_contributions_sum_to_the_score_where_the_newest_count_no_more(tmp_path_factory: pytest.TempPathFactory):
    made = trained(tmp_path_factory.mktemp("flat") / "job", SAMPLE_CHANNELS, recency=0, evaluate=False)
    check(made.ask({"history": SPACE, "n": 50}))


def test_contributions_sum_to_the_score_of_a_bare_catalogue(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("bare")
    trained(folder / "job", {"items": table(folder / "items", two_taste_items())})
    desk = recommender.load(folder / "job" / "model")
    check(ask(desk, {"history": ["red-1", "red-2", "blue-3", "red-5", "red-1"]}))


def test_contributions_come_from_the_history_the_hardest_pull_first(sample: Trained):
    for one in sample.ask({"history": [*SPACE, "unforgiven-1992", SPACE[0]], "n": 30}).recommendations:
        told = [each.item_id for each in one.contributions]
        assert len(set(told)) == len(told) == 3
        assert set(told) <= {*SPACE, "unforgiven-1992"}
        weights = [each.weight for each in one.contributions]
        assert weights == sorted(weights, reverse=True)
        assert one.because is None or told[: len(one.because)] == one.because


def test_what_an_item_adds_is_what_is_missing_without_it(sample: Trained):
    """Without recency the score is a plain sum, so taking an item away takes its contribution away."""
    stock = sample.desk.stock
    numbers = stock.ids.numbers(SPACE)
    everything = np.arange(len(stock.ids))
    whole, less = (stock.scorer.scores(history(some, recency=0.0), everything) for some in (numbers, numbers[1:]))
    pulls = stock.scorer.contributions(history(numbers, recency=0.0), everything).whole
    np.testing.assert_allclose(whole - less, pulls[0], atol=1e-6 * np.abs(whole).max() + 1e-7)


def test_a_similar_item_has_one_reason(sample: Trained):
    for one in sample.ask({"item_id": SPACE[0]}).recommendations:
        assert [(each.item_id, each.weight) for each in one.contributions] == [(SPACE[0], one.score)]


@pytest.mark.parametrize("instance", [{}, {"history": ["no such film"]}, {"item": {"genres": ["Western"]}}])
def test_who_has_no_history_gets_no_contributions(sample: Trained, instance: dict):
    for one in sample.ask(instance).recommendations:
        assert (one.contributions, one.others, one.parts, one.because) == ([], None, None, None)


def test_a_cluster_has_its_label(sample: Trained):
    labels = sample.desk.stock.facts.labels
    answer = sample.ask({"history": SPACE, "n": 100})
    assert all(one.label == labels[one.cluster] for one in answer.recommendations)


def test_ids_are_the_same_explained_or_not(sample: Trained):
    asked = {"history": SPACE, "n": 100}
    assert ids(sample.ask(asked)) == ids(sample.ask(asked | {"explain": False}))
