"""Items that nothing tells apart stand in the order of their ids, whatever the order they were read in."""

import pytest

from algorithms.jobs import ids, scores, table, trained
from kindred.desk.predictor import Desk

TWINS = [f"twin-{name}" for name in ("10", "2", "B", "a", "z", "é")]
"""In the order of their UTF-8 bytes."""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    base = tmp_path_factory.mktemp("twins")
    rows = [
        {"item_id": twin, "title": f"title {len(TWINS) - place}", "genres": "Drama", "year": 1990}
        for place, twin in enumerate(TWINS)
    ]
    rows += [{"item_id": f"war-{n}", "title": "War", "genres": "War", "year": 1940} for n in range(20)]
    return trained(base / "job", {"items": table(base / "items", rows)}).desk


@pytest.fixture(scope="module")
def viewers(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    base = tmp_path_factory.mktemp("viewers")
    chosen = [*reversed(TWINS), "seen"]
    rows = [{"user_id": user, "item_id": item} for user in range(30) for item in chosen]
    rows += [{"user_id": 100 + user, "item_id": f"other-{n}"} for user in range(10) for n in range(5)]
    return trained(base / "job", {"interactions": table(base / "events", rows)}, evaluate=False).desk


INSTANCES = {
    "history": {"history": ["seen"]},
    "popular": {},
    "ranked": {"history": ["seen"], "rank": TWINS[::-1]},
    "diverse": {"history": ["seen"], "diversity": 0.5},
}


@pytest.mark.parametrize("instance", INSTANCES.values(), ids=INSTANCES)
def test_equal_choices_of_viewers(viewers: Desk, instance: dict):
    [answer] = viewers.predict([viewers.parse({**instance, "allow": TWINS}, {})])
    assert ids(answer) == TWINS
    if "diversity" not in instance:
        assert len(set(scores(answer))) == 1


@pytest.mark.parametrize(
    "instance",
    [{"item": {"genres": ["Drama"], "year": 1990}}, {"history": ["war-1"]}, {}],
    ids=["content", "history", "popular"],
)
def test_equal_metadata(catalogue: Desk, instance: dict):
    [answer] = catalogue.predict([catalogue.parse({**instance, "allow": TWINS}, {})])
    assert ids(answer) == TWINS
    assert len(set(scores(answer))) == 1
