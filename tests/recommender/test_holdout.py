"""What is held out: the last tenth of time where viewers return, else viewers whole, else nothing."""

import numpy as np
import pytest

from kindred.recommender.holdout import hold_out

VIEWERS, EACH = 60, 10


def events(*, viewers=VIEWERS, each=EACH):
    users = np.repeat(np.arange(viewers, dtype=np.int32), each)
    items = (3 * (users + np.tile(np.arange(each), viewers)) % 50).astype(np.int32)
    return users, items


def held(users, items, times):
    return hold_out(users, items, times=times, rng=np.random.default_rng(0))


def interleaved(users):
    """Everybody comes back once a round: in the last round, too."""
    return np.tile(np.arange(EACH, dtype=np.float64), len(users) // EACH) * 1000 + users


def test_the_last_tenth_of_time_is_asked_where_viewers_return():
    users, items = events()
    times = interleaved(users)
    found = held(users, items, times)
    assert found.ordered
    assert "last tenth of time" in found.because
    assert len(found.split.asked) >= 20
    assert all(len(one) for one in found.split.histories)
    assert str(len(found.split.asked)) in found.because


def test_nothing_asked_about_happened_before_something_learnt():
    users, items = events()
    times = interleaved(users)
    split = held(users, items, times).split
    at = {(user, item): time for user, item, time in zip(users.tolist(), items.tolist(), times, strict=True)}
    asked = [
        at[(int(user), int(split.items[item]))]
        for user, targets in zip(split.asked, split.targets, strict=True)
        for item in targets
    ]
    assert min(asked) > split.train.times.max()


def test_newcomers_of_the_last_tenth_are_not_asked():
    users, items = events()
    newcomers = np.repeat(np.arange(VIEWERS, VIEWERS + 5, dtype=np.int32), 2)
    times = np.concatenate([interleaved(users), np.full(10, 1e6)])
    found = held(np.concatenate([users, newcomers]), np.concatenate([items, items[:10]]), times)
    assert found.ordered
    assert found.split.asked.max() < VIEWERS
    assert len(found.split.asked) == len(found.split.histories) == len(found.split.targets) >= 20


def test_viewers_are_held_out_whole_where_nobody_returns():
    users, items = events()
    found = held(users, items, np.arange(len(users), dtype=np.float64))
    assert not found.ordered
    assert "viewers whole" in found.because
    assert len(found.split.asked) == VIEWERS // 5
    assert not np.isin(found.split.asked, found.split.users).any()


@pytest.mark.parametrize("times", [None, np.full(VIEWERS * EACH, 5.0)], ids=["no time", "one moment"])
def test_viewers_are_held_out_whole_where_time_says_nothing(times):
    found = held(*events(), times)
    assert not found.ordered
    assert len(found.split.asked) == VIEWERS // 5


@pytest.mark.parametrize(("viewers", "each"), [(1, 10), (2, 1), (30, 1)])
def test_too_little_to_hide_is_said_and_not_raised(viewers, each):
    found = held(*events(viewers=viewers, each=each), None)
    assert found.split is None
    assert not found.ordered
    assert found.because.startswith("nothing was held out: ")


def test_of_too_many_events_a_sample_of_the_users_is_judged(monkeypatch):
    monkeypatch.setattr("kindred.recommender.holdout.MOST_EVENTS", VIEWERS * EACH // 2)
    users, items = events()
    found = held(users, items, interleaved(users))
    split = found.split
    assert found.because.endswith("; of the users a sample, with 300 of 600 events, is judged")
    assert len(split.users) == VIEWERS // 2
    counts = np.bincount(split.train.users, minlength=len(split.users))
    assert counts.min() >= EACH - 2


def test_of_too_many_viewers_some_are_asked_and_all_are_learnt_from(monkeypatch):
    users, items = events()
    times = interleaved(users)
    everybody = held(users, items, times)
    monkeypatch.setattr("kindred.recommender.holdout.MOST_ASKED", 25)
    some = held(users, items, times)
    assert len(some.split.asked) == len(some.split.histories) == len(some.split.targets) == 25
    assert f"25 of the {len(everybody.split.asked)} viewers" in some.because
    assert np.array_equal(some.split.train.users, everybody.split.train.users)
    places = np.searchsorted(everybody.split.asked, some.split.asked)
    for name in ("asked", "histories", "targets"):
        theirs = getattr(everybody.split, name)
        assert all(
            np.array_equal(one, theirs[place]) for one, place in zip(getattr(some.split, name), places, strict=True)
        )


def test_the_same_seed_holds_out_the_same():
    one, two = (held(*events(), None).split for _ in range(2))
    assert one.asked.tolist() == two.asked.tolist()
    assert [part.tolist() for part in one.targets] == [part.tolist() for part in two.targets]
