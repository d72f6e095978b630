"""Reasons through the real doors: for every subject, what an answer tells in JSON adds up to the score beside it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit import transports
from kit.real_train import sample_channels, train
from kit.transports import Process

pytestmark = pytest.mark.slow

SPACE = ["alien-1979", "blade-runner-1982", "the-empire-strikes-back-1980", "jaws-1975", "psycho-1960"]
RATED = [{"item_id": one, "rating": rating} for one, rating in zip(SPACE, (5, 4.5, 2, 4, 5), strict=True)]
FROM_A_HISTORY: dict[str, dict[str, Any]] = {
    "history": {"history": SPACE},
    "one title": {"history": SPACE[:1]},
    "with ratings": {"history": RATED},
    "with unknown ids": {"history": ["nothing", *SPACE, *SPACE[:2]]},
    "user": {"user_id": "viewer-0001"},
    "rank": {"history": SPACE, "rank": ["heat-1995", "jaws-1975", "unforgiven-1992"]},
    "filter": {"user_id": "viewer-0002", "filter": {"genres": ["War", "Western"], "year": {"gte": 1960}}},
    "diversity": {"user_id": "viewer-0003", "diversity": 0.5},
    "what was seen": {"history": SPACE, "exclude_seen": False},
}
FROM_NONE = {"nobody": {}, "nobody known": {"history": ["nothing"]}, "metadata": {"item": {"genres": ["Western"]}}}
ROUNDING = 1e-4
"""Of the largest figure of a sum: what the digits shown, and float32, may leave."""


def asked(served: Process, instance: dict[str, Any], *, lines: bool = False) -> list[dict[str, Any]]:
    kind = "application/jsonlines" if lines else "application/json"
    body = {**instance, "n": 40} if lines else {"instances": [instance], "configuration": {"n": 40}}
    answer = served.http.send(
        "POST", "/invocations", body=json.dumps(body).encode(), headers={"Content-Type": kind, "Accept": kind}
    )
    assert answer.status == 200, answer.body
    prediction = json.loads(answer.body) if lines else answer.json["predictions"][0]
    assert prediction["recommendations"]
    return prediction["recommendations"]


def adds_up(one: dict[str, Any], *, parts: bool) -> None:
    told = [each["weight"] for each in one["contributions"]]
    others, spread = one.get("others", 0), one.get("spread", 0)
    near = ROUNDING * max(map(abs, [one["score"], others, spread, *told]))
    assert sum(told) + others + spread == pytest.approx(one["score"], abs=near)
    if parts:
        two = one.get("parts", {})
        assert two.get("block", 0) + two.get("taste", 0) + spread == pytest.approx(one["score"], abs=near)


@pytest.mark.parametrize("lines", [False, True], ids=["JSON", "JSON Lines"])
@pytest.mark.parametrize("instance", FROM_A_HISTORY.values(), ids=FROM_A_HISTORY)
def test_contributions_and_parts_add_up_to_the_score(served: Process, instance: dict[str, Any], lines: bool):
    found = asked(served, instance, lines=lines)
    for one in found:
        adds_up(one, parts=True)
    assert any(len(one["contributions"]) > 1 for one in found) or instance == FROM_A_HISTORY["one title"]


def test_likeness_is_the_one_contribution_to_a_similar_item(served: Process):
    for one in asked(served, {"item_id": SPACE[0]}):
        assert one["contributions"] == [{"item_id": SPACE[0], "weight": one["score"]}]


@pytest.mark.parametrize("instance", FROM_NONE.values(), ids=FROM_NONE)
def test_where_there_is_no_history_there_are_no_contributions(served: Process, instance: dict[str, Any]):
    for one in asked(served, instance):
        assert not {"contributions", "because", "others", "parts"} & set(one)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """The real `serve` on what the real `train` makes of the sample's catalogue alone."""
    base: Path = tmp_path_factory.mktemp("bare") / "ml"
    trained = train(base, {"items": sample_channels()["items"]})
    assert trained.status == 0, trained.log
    with transports.process("kit.real_serve", base) as process:
        yield process


@pytest.mark.parametrize("instance", [{"history": SPACE}, {"history": SPACE[:1]}, {"history": RATED, "diversity": 0.5}])
def test_of_a_bare_catalogue_they_add_up_as_well(bare: Process, instance: dict[str, Any]):
    for one in asked(bare, instance):
        adds_up(one, parts=False)
