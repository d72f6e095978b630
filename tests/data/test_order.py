"""Numbers, rows and the fingerprint do not know in which order the rows and files came."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindred.data.fingerprint import fingerprint
from kindred.data.pantry import read
from kindred.data.timeline import by_user, by_user_and_time
from kit.pantries import pairs

HEADER = "user_id,item_id,rating,timestamp"


def events(rows: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        f"u{draw.randrange(20)},i{draw.randrange(30)},{draw.randrange(1, 6)},{1_600_000_000 + draw.randrange(40)}"
        for _ in range(rows)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_rows_in_other_files_are_the_same_pantry(fill, seed):
    rows = events(500, seed)
    catalogue = {"items.csv": "item_id,title\n" + "".join(f"i{n},Title {n % 9}\n" for n in range(35))}
    one = read({"interactions": fill("a", {"a.csv": "\n".join([HEADER, *rows])}), "items": fill("c", catalogue)})
    random.Random(seed).shuffle(rows)
    parts = {"z.csv": "\n".join([HEADER, *rows[:200]]), "b/y.csv": "\n".join([HEADER, *rows[200:]])}
    other = read({"interactions": fill("b", parts), "items": fill("c", catalogue)})
    assert other.fingerprint == one.fingerprint
    assert other.catalogue.ids == one.catalogue.ids
    assert other.interactions.user_ids == one.interactions.user_ids
    for column in ("users", "items", "ratings", "timestamps"):
        np.testing.assert_array_equal(getattr(other.interactions, column), getattr(one.interactions, column))


def test_other_ids_for_the_same_story_get_the_same_numbers(pantry):
    rows = [(f"u{n}", f"i{n * n % 7}", 1_600_000_000 + 7 * n * n) for n in range(6) for _ in range(n + 1)]
    told = pantry(interactions={"a.csv": "user_id,item_id,timestamp\n" + "".join(f"{u},{i},{t}\n" for u, i, t in rows)})
    renamed = "".join(f"{int(u[1:]) * 31 % 7}-{u[::-1]},z{i[::-1]},{t}\n" for u, i, t in rows)
    other = pantry(train={"a.csv": "user_id,item_id,timestamp\n" + renamed})
    np.testing.assert_array_equal(told.interactions.users, other.interactions.users)
    np.testing.assert_array_equal(told.interactions.items, other.interactions.items)
    assert told.fingerprint != other.fingerprint


def test_items_go_by_count_then_time_then_description_then_title_then_year_then_id(pantry):
    told = pantry(
        interactions={
            "a.csv": "user_id,item_id,timestamp\nu,often,10\nv,often,10\nu,late,9\nv,early,1\nw,plain,5\nw,told,5\n"
        },
        items={
            "i.csv": "item_id,title,year\ntold,T,2000\nb,Same,1999\na,Same,1999\nc,Same,1990\nd,Alone,2020\ne,,1980\n"
        },
    )
    assert told.catalogue.ids == ("often", "late", "told", "plain", "early", "d", "c", "a", "b", "e")


def test_users_go_by_count_then_time_then_id(pantry):
    told = pantry(interactions={"a.csv": "user_id,item_id,timestamp\nb,1,5\na,1,5\nold,1,1\nbusy,1,0\nbusy,2,0\n"})
    assert told.interactions.user_ids == ("busy", "a", "b", "old")


def test_without_timestamps_the_file_decides_within_a_user(pantry):
    told = pantry(
        interactions={"a.csv": "user_id,item_id\nu,c\nv,a\nu,a\nu,b\n", "b.csv": "user_id,item_id\nu,d\nu,a\n"}
    )
    assert pairs(told) == [("u", "c"), ("u", "a"), ("u", "b"), ("u", "d"), ("u", "a"), ("v", "a")]


def test_repeated_events_are_all_kept(pantry):
    assert len(pantry(interactions={"a.csv": "user_id,item_id\n" + "u,i\n" * 7 + "v,i\n"}).interactions.users) == 8


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.floats(-1e11, 1e11), st.integers(0, 3), st.sampled_from([1.0, 2.0])),
        max_size=40,
    )
)
def test_rows_go_by_user_time_item_rating(rows):
    users, times, items, ratings = (np.array([row[at] for row in rows]) for at in range(4))
    order = by_user_and_time(
        users.astype(np.int32),
        times.astype(np.float64),
        items=items.astype(np.int32),
        ratings=ratings.astype(np.float32),
    )
    assert [rows[at] for at in order] == sorted(rows)


@given(st.lists(st.integers(0, 5), max_size=30))
def test_by_user_alone_is_stable(users):
    order = by_user(np.array(users, dtype=np.int32))
    assert order.tolist() == sorted(range(len(users)), key=lambda row: users[row])


CHANGES = [
    {"interactions": {"a.csv": f"{HEADER}\nu,i,4,10\nv,j,4,10\nv,j,4,10\n"}},
    {"interactions": {"a.csv": f"{HEADER}\nu,i,4,10\nv,j,5,10\n"}},
    {"interactions": {"a.csv": f"{HEADER}\nu,i,4,10\nv,j,4,11\n"}},
    {"interactions": {"a.csv": f"{HEADER}\nu,j,4,10\nv,i,4,10\n"}},
    {"interactions": {"a.csv": f"{HEADER}\nu,i,4,10\nw,j,4,10\n"}},
    {"interactions": {"a.csv": "user_id,item_id,rating\nu,i,4\nv,j,4\n"}},
    {"items": {"a.csv": "item_id,title,price\ni,I,3\nj,J,3\n"}},
    {"items": {"a.csv": "item_id,title,price\ni,I,3\nj,K,4\n"}},
    {"items": {"a.csv": "item_id,title,cost\ni,I,3\nj,J,4\n"}},
    {"items": {"a.csv": "item_id,title,price,kind\ni,I,3,a\nj,J,4,b\n"}},
    {"items": {"a.csv": "item_id,title,price\ni,I,3\nj,J,4\nk,K,4\n"}},
]
BASE = {
    "interactions": {"a.csv": f"{HEADER}\nu,i,4,10\nv,j,4,10\n"},
    "items": {"a.csv": "item_id,title,price\ni,I,3\nj,J,4\n"},
}


def test_every_change_of_content_changes_the_fingerprint(pantry):
    prints = [pantry(**{**BASE, **change}).fingerprint for change in [{}, *CHANGES]]
    assert len({*prints}) == len(prints)


def test_the_fingerprint_is_the_same_for_ever(pantry):
    told = pantry(**BASE)
    assert told.fingerprint == fingerprint(told.interactions, told.catalogue)
    assert told.fingerprint == "6c954e5ed3dd26159f87c6a2d183ce2b062731c1a5834b4f897e00d6ba8ffc25"
