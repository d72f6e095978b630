"""The same likes told in other ways: stars, thumbs, counts, no rating; told twice; by people of one item."""

from pathlib import Path
from typing import Any

import pytest

from algorithms.jobs import TASTES, Trained, ids, scores, table, trained, two_tastes

LIKED = two_tastes()
OTHER = {"red": "blue", "blue": "red"}
DISLIKED = [
    {"user_id": f"u-{user}", "item_id": f"{OTHER[TASTES[user % 2]]}-{(user + step) % 20}"}
    for user in range(40)
    for step in range(3)
]
SCALES: dict[str, tuple[float, float]] = {"stars": (5, 2), "of ten": (9, 3), "thumbs": (1, -1)}


def learnt(base: Path, rows: list[dict[str, Any]]) -> Trained:
    return trained(base / "job", {"interactions": table(base / "events", rows)}, evaluate=False)


def rated(good: float, bad: float) -> list[dict[str, Any]]:
    """Two values are thumbs: of stars there is a third."""
    told = [{**row, "rating": good} for row in LIKED] + [{**row, "rating": bad} for row in DISLIKED]
    return [*told, {"user_id": "u-0", "item_id": "blue-0", "rating": bad / 2}] if bad > 0 else told


def answers(made: Trained) -> dict[str, float]:
    found = made.ask({"history": ["red-1", "red-2"], "n": 1000})
    return dict(zip(ids(found), scores(found), strict=True))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    return answers(learnt(tmp_path_factory.mktemp("plain"), LIKED))


@pytest.mark.parametrize("scale", SCALES)
def test_what_is_rated_low_is_not_liked(tmp_path: Path, plain: dict[str, float], scale: str):
    assert answers(learnt(tmp_path, rated(*SCALES[scale]))) == pytest.approx(plain, rel=1e-3, abs=1e-5)


def test_counts_are_likes_whatever_their_size(tmp_path: Path, plain: dict[str, float]):
    counted = [{**row, "rating": 1 + 37 * (number % 3)} for number, row in enumerate(LIKED)]
    assert answers(learnt(tmp_path, counted)) == pytest.approx(plain, rel=1e-3, abs=1e-5)


def test_small_counts_are_no_stars(tmp_path: Path, plain: dict[str, float]):
    counted = [{**row, "rating": 5 if number % 7 == 0 else 1 + (number % 3 == 0)} for number, row in enumerate(LIKED)]
    made = learnt(tmp_path, counted)
    assert answers(made) == pytest.approx(plain, rel=1e-3, abs=1e-5)
    assert any("most are 1, so they count" in note for note in made.outcome.notes)


def test_what_is_told_twice_counts_once(tmp_path: Path, plain: dict[str, float]):
    assert answers(learnt(tmp_path, LIKED + LIKED[::3])) == pytest.approx(plain, rel=1e-3, abs=1e-5)


def test_people_of_one_item_teach_nothing_and_get_what_goes_with_it(tmp_path: Path):
    single = [{"user_id": f"single-{item}", "item_id": f"red-{item}"} for item in range(20)]
    made = learnt(tmp_path, LIKED + single)
    found = ids(made.ask({"user_id": "single-3", "n": 5}))
    assert len(found) == 5
    assert all(one.startswith("red-") and one != "red-3" for one in found)


def test_nobody_but_people_of_one_item_still_makes_a_model(tmp_path: Path):
    made = learnt(tmp_path, [{"user_id": f"u-{at}", "item_id": f"i-{at % 7}"} for at in range(50)])
    assert len(ids(made.ask({"history": ["i-3"], "n": 5}))) == 5
    assert any("could be asked" in note for note in made.outcome.notes)
