"""Protocols: what is hidden is hidden, what is left is all the rest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindred.errors import UserError
from kindred.recommender import protocols


def events(seed, *, users=40, items=60, rows=900):
    rng = np.random.default_rng(seed)
    return (
        (3 + 2 * rng.integers(0, users, rows)).astype(np.int32),
        (7 + 5 * rng.integers(0, items, rows)).astype(np.int32),
        rng.integers(0, 300, rows).astype(np.float64),
    )


def columns(*rows):
    users, items, times = zip(*rows, strict=True)
    return np.array(users, np.int32), np.array(items, np.int32), np.array(times, np.float64)


def pairs(users, items):
    return set(zip(users.tolist(), items.tolist(), strict=True))


def told(split):
    """Every pair the split lets a model learn from, in the caller's numbers."""
    return pairs(split.users[split.train.users], split.items[split.train.items])


def original(split, lists):
    return {(int(user), int(split.items[item])) for user, one in zip(split.asked, lists, strict=True) for item in one}


def run(name, seed):
    users, items, times = events(seed)
    if name == "strong":
        return protocols.strong(users, items, times=times, heldout=10, rng=np.random.default_rng(seed))
    return getattr(protocols, name)(users, items, times=times)


@pytest.mark.parametrize("name", ["strong", "next_item", "global_time"])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_every_protocol_keeps_its_promises(name, seed):
    split = run(name, seed)
    users, items, _ = events(seed)
    targets, histories = original(split, split.targets), original(split, split.histories)
    assert targets
    assert all(len(one) for one in split.targets)
    assert all(len(one) == len(set(one.tolist())) for one in (*split.targets, *split.histories))
    assert not targets & told(split)
    assert not targets & histories
    assert targets | histories | told(split) <= pairs(users, items)
    assert len(told(split)) == len(split.train.users)
    assert np.array_equal(np.unique(split.train.users), np.arange(len(split.users)))
    assert np.array_equal(np.unique(split.train.items), np.arange(len(split.items)))
    assert np.array_equal(split.returning, [len(one) > 0 for one in split.histories])


@pytest.mark.parametrize("name", ["strong", "next_item", "global_time"])
def test_inputs_stay_as_they_were_and_the_same_seed_gives_the_same_split(name):
    before = events(5)
    one, two = run(name, 5), run(name, 5)
    assert original(one, one.targets) == original(two, two.targets)
    assert all(np.array_equal(a, b) for a, b in zip(before, events(5), strict=True))


def test_strong_hides_the_users_and_a_fifth_of_their_items():
    users, items = (part.ravel().astype(np.int32) for part in np.indices((50, 20)))
    split = protocols.strong(users, items, times=np.zeros(1000), heldout=10, rng=np.random.default_rng(1))
    assert len(split.asked) == 10
    assert len(split.users) == 40
    assert not np.intersect1d(split.asked, split.users).size
    assert [len(one) for one in split.targets] == [4] * 10
    assert [len(one) for one in split.histories] == [16] * 10


def test_strong_leaves_out_small_users_and_items_nobody_trains_with():
    users = np.repeat(np.arange(12, dtype=np.int32), 10)
    items = np.tile(np.arange(10, dtype=np.int32), 12)
    own = 100 + np.arange(12, dtype=np.int32)
    users = np.concatenate([users, np.arange(12, dtype=np.int32), [99, 99, 99, 99]]).astype(np.int32)
    items = np.concatenate([items, own, [0, 1, 2, 3]]).astype(np.int32)
    split = protocols.strong(users, items, times=np.zeros(len(users)), heldout=6, rng=np.random.default_rng(0))
    assert 99 not in split.users
    assert 99 not in split.asked
    asked_own = set(100 + split.asked)
    assert not asked_own & set(split.items.tolist())
    assert set(range(10)) <= set(split.items.tolist())
    assert sum(map(len, split.targets)) + split.unknown == 6 * 2


def test_strong_histories_are_in_order_of_time():
    users, items, times = events(3)
    split = run("strong", 3)
    latest = {}
    for user, item, time in zip(users.tolist(), items.tolist(), times.tolist(), strict=True):
        latest[user, item] = max(time, latest.get((user, item), time))
    for user, history in zip(split.asked.tolist(), split.histories, strict=True):
        ages = [latest[user, item] for item in split.items[history].tolist()]
        assert ages == sorted(ages)


@pytest.mark.parametrize("heldout", [0, 3, 4])
def test_strong_needs_somebody_to_hide_and_somebody_to_train_on(heldout):
    users, items = (part.ravel().astype(np.int32) for part in np.indices((3, 6)))
    with pytest.raises(UserError, match=f"^3 users have at least 5 positive items: {heldout} of them"):
        protocols.strong(users, items, times=np.zeros(18), heldout=heldout, rng=np.random.default_rng(0))


def test_next_item_asks_for_the_last_and_tells_the_rest():
    users, items, times = columns((1, 10, 5), (1, 11, 1), (1, 12, 3), (2, 10, 1), (2, 12, 2), (3, 12, 9))
    split = protocols.next_item(users, items, times=times)
    assert original(split, split.targets) == {(1, 10), (2, 12)}
    assert [split.items[one].tolist() for one in split.histories] == [[11, 12], [10]]
    assert told(split) == {(1, 11), (1, 12), (2, 10), (3, 12)}


def test_next_item_counts_a_repeated_item_where_it_was_seen_last():
    users, items, times = columns((1, 10, 1), (1, 11, 2), (1, 10, 3), (2, 10, 1))
    split = protocols.next_item(users, items, times=times)
    assert original(split, split.targets) == {(1, 10)}
    assert original(split, split.histories) == {(1, 11)}


def test_next_item_counts_targets_that_training_never_saw():
    users, items, times = columns((1, 10, 1), (1, 99, 2), (2, 11, 1), (2, 10, 2))
    split = protocols.next_item(users, items, times=times)
    assert split.asked.tolist() == [2]
    assert split.unknown == 1


def test_next_item_needs_a_user_with_two_items():
    with pytest.raises(UserError, match="next item"):
        protocols.next_item(*columns((1, 10, 1), (2, 10, 2))[:2], times=np.array([1.0, 2.0]))


@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.05, 0.1, 0.5, 0.95]))
@settings(max_examples=30)
def test_global_time_never_sees_the_future(seed, share):
    users, items, times = events(seed)
    split = protocols.global_time(users, items, times=times, test_share=share)
    moment = split.train.times.max()
    assert told(split) == pairs(users[times <= moment], items[times <= moment])
    assert original(split, split.targets) <= pairs(users[times > moment], items[times > moment])
    assert (times > moment).mean() <= share + 1e-9


def test_global_time_does_not_ask_for_what_is_in_the_history_and_asks_new_users():
    users, items, times = columns(
        *((1, item, item) for item in range(8)), (1, 3, 20), (1, 50, 21), (9, 2, 22), (2, 1, 1), (2, 2, 1), (2, 3, 1)
    )
    split = protocols.global_time(users, items, times=times, test_share=0.2)
    assert split.asked.tolist() == [9]
    assert split.returning.tolist() == [False]
    assert split.unknown == 1


def test_global_time_when_the_last_moment_holds_many_events():
    users, items, times = columns((1, 1, 0), (2, 1, 5), (1, 2, 5), (3, 3, 5))
    split = protocols.global_time(users, items, times=times)
    assert told(split) == {(1, 1)}
    assert original(split, split.targets) == {(2, 1)}


def test_global_time_needs_two_moments():
    with pytest.raises(UserError, match="same time"):
        protocols.global_time(*columns((1, 1, 4), (2, 2, 4))[:2], times=np.array([4.0, 4.0]))


def test_row_order_changes_nothing_but_ties():
    users, items, _ = events(8)
    times = np.random.default_rng(8).permutation(len(users)).astype(np.float64)
    order = np.random.default_rng(9).permutation(len(users))
    for protocol in (protocols.next_item, protocols.global_time):
        one = protocol(users, items, times=times)
        two = protocol(users[order], items[order], times=times[order])
        assert original(one, one.targets) == original(two, two.targets)
        assert all(np.array_equal(a, b) for a, b in zip(one.histories, two.histories, strict=True))
