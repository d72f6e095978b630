"""Events of several kinds, from the channel to the answer."""

import pytest

from algorithms import jobs

BOUGHT = [{**event, "event_type": "buy"} for event in jobs.two_tastes(users=60)]
PASSED = [
    {"user_id": f"u-{user}", "item_id": f"{jobs.TASTES[(user + 1) % 2]}-{item}", "event_type": "view"}
    for user in range(60)
    for item in range(20)
]
"""Everybody looks at all of the other taste, and buys none of it."""


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory):
    def train(name: str, events: list, **asked):
        base = tmp_path_factory.mktemp(name)
        return jobs.trained(base / "out", {"interactions": jobs.table(base / "in", events)}, evaluate=False, **asked)

    return train


def likings(found: jobs.Trained) -> list[tuple[str, str]]:
    users = found.desk.stock.users
    ids = found.desk.stock.ids.many(users.items.tolist())
    owners = [user for user, start in enumerate(users.starts[:-1]) for _ in range(start, users.starts[user + 1])]
    names = users.ids.many(owners)
    return sorted(pair for *pair, liked in zip(names, ids, users.liked.tolist(), strict=True) if liked)


def test_views_of_no_weight_teach_nothing_but_that_they_were_seen(learnt):
    alone, both = learnt("bought", BOUGHT), learnt("both", [*PASSED, *BOUGHT], event_weights="view=0")
    assert likings(both) == likings(alone)
    history = {"history": ["red-3", "red-5"], "n": 10}
    assert jobs.ids(both.ask(history)) == jobs.ids(alone.ask(history))
    assert jobs.scores(both.ask(history)) == pytest.approx(jobs.scores(alone.ask(history)), rel=1e-3)
    assert set(jobs.ids(both.ask({"user_id": "u-0"}))) == {"red-0", "red-1"}, "what was looked at counts as seen"


def test_without_weights_a_view_counts_like_a_purchase(learnt):
    assert len(likings(learnt("alike", [*PASSED, *BOUGHT]))) == len(PASSED) + len(BOUGHT)


def test_the_notes_say_what_counted(learnt):
    told = learnt("told", [*PASSED, *BOUGHT], event_weights="view=0.25").outcome.notes
    assert any("events are weighed (buy 1, view 0.25)" in note for note in told)
    assert any("said by the events' weights" in note for note in told)
