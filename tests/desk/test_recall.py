"""A filter loses nothing: what neither the history's blocks nor the head bring up is found all the same."""

from collections.abc import Callable
from typing import Any

import pytest

from algorithms.jobs import SAMPLE_CHANNELS, Trained, films, ids, trained
from kindred.recommender.scorer import history

HISTORY = {"history": ["alien-1979", "blade-runner-1982"]}
FILTERS: dict[str, tuple[dict[str, Any], Callable[[dict[str, str]], bool]]] = {
    "a genre": ({"genres": ["Musical"]}, lambda film: "Musical" in film["genres"].split("|")),
    "two ranges": (
        {"runtime": {"gt": 150}, "year": {"lte": 1970}},
        lambda film: int(film["runtime"]) > 150 and int(film["year"]) <= 1970,
    ),
    "a title": ({"title": "grease"}, lambda film: film["title"] == "Grease"),
}


@pytest.fixture(scope="module")
def headless(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """The sample, with a head of one film: the rest has to be brought up by the history."""
    return trained(tmp_path_factory.mktemp("headless") / "job", SAMPLE_CHANNELS, head=1, ridge=100, recency=0.5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return trained(tmp_path_factory.mktemp("whole") / "job", SAMPLE_CHANNELS, head=1000, ridge=100, recency=0.5)


def test_without_the_head_the_history_brings_up_but_some(headless: Trained):
    """Else the next test would show nothing."""
    stock = headless.desk.stock
    numbers, _ = stock.scorer.candidates(history(stock.ids.numbers(HISTORY["history"]), recency=0.5))
    brought = set(stock.ids.many(numbers))
    for conditions, meets in FILTERS.values():
        assert {one for one, film in films().items() if meets(film)} - brought, conditions


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_what_is_brought_up_by_nothing(headless: Trained, whole: Trained, name: str):
    conditions, meets = FILTERS[name]
    wanted = [one for one in ids(whole.ask({**HISTORY, "n": 1000})) if meets(films()[one])]
    assert wanted
    assert ids(headless.ask({**HISTORY, "filter": conditions, "n": 1000})) == wanted
    assert ids(headless.ask({**HISTORY, "allow": wanted[::-1], "n": 2})) == wanted[:2]
    assert ids(headless.ask({**HISTORY, "rank": wanted[::-1]})) == wanted
