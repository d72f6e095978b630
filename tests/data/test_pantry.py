"""Channels: which are read, what they may hold, and what is said when they hold nothing."""

import pytest

from kindred.data.pantry import read, recognises
from kindred.errors import UserError
from kit.pantries import pairs

EVENTS = "user_id,item_id\nu,i\nv,i\n"
ITEMS = "item_id,title\ni,I\n"


def test_one_channel_may_hold_both_kinds_in_folders(pantry):
    told = pantry(training={"interactions/part-0.csv": EVENTS, "items/part-0.csv": ITEMS})
    assert set(pairs(told)) == {("u", "i"), ("v", "i")}
    assert told.catalogue.titles == ("I",)


def test_what_lies_beside_those_folders_is_not_read(pantry):
    told = pantry(
        train={"interactions/a.csv": EVENTS, "items/a.csv": ITEMS, "truth/a.csv": "item_id,title\ni,other\nj,J\n"}
    )
    assert told.catalogue.titles == ("I",)
    assert told.warnings == ()


def test_other_channels_are_not_read(fill):
    told = read(
        {"interactions": fill("a", {"a.csv": EVENTS}), "test": fill("b", {"b.csv": "junk"}), "model": fill("c", {})}
    )
    assert len(told.interactions.users) == 2


@pytest.mark.parametrize("channel", ["interactions", "items", "train"])
@pytest.mark.parametrize(
    "files", [{}, {"empty.csv": ""}, {"_SUCCESS": "x"}, {"a.csv": "user_id,item_id\n"}, {"a.csv": "\n\n"}], ids=str
)
def test_an_empty_channel_is_named(pantry, channel, files):
    with pytest.raises(UserError, match=f"^the channel '{channel}' holds no rows"):
        pantry(**{channel: files})


def test_a_channel_that_is_missing_is_empty(tmp_path):
    with pytest.raises(UserError, match="the channel 'items' holds no rows"):
        read({"items": tmp_path / "nowhere"})


def test_an_empty_channel_beside_a_full_one_is_named(pantry):
    with pytest.raises(UserError, match="the channel 'items' holds no rows"):
        pantry(interactions={"a.csv": EVENTS}, items={"b.csv": "item_id,title\n"})


def test_no_channel_of_ours_is_told_with_those_found(tmp_path):
    with pytest.raises(UserError, match="no channel holds data \\(found: test\\)"):
        read({"test": tmp_path})


def test_files_of_other_kinds_are_named(pantry):
    with pytest.raises(
        UserError, match=r"the channel 'train' holds nothing to read: found a\.xlsx, notes\.txt; expected CSV"
    ):
        pantry(train={"a.xlsx": "x", "notes.txt": "x"})


def test_one_user_is_a_warning(pantry):
    (warning,) = pantry(interactions={"a.csv": "user_id,item_id\nu,i\nu,j\n"}).warnings
    assert warning.startswith("all interactions are of one user")


def test_kinds_of_events_are_told(pantry):
    told = pantry(interactions={"a.csv": "user_id,item_id,event_type\nu,i,view\nv,i,buy\n"})
    assert told.warnings == (
        "buy, view count alike; the hyperparameter event_weights says how much each event_type tells",
    )
    assert not pantry(train={"a.csv": "user_id,item_id,event_type\nu,i,view\nv,i,view\n"}).warnings


RECOGNISED = {
    "interactions": ({"a.csv": EVENTS}, True),
    "items": ({"a.csv": ITEMS}, True),
    "items by id and title": ({"a.csv": "id,title\n1,One\n"}, True),
    "beside others": ({"b.csv": "1,2\n", "a.csv": EVENTS, "x.bin": "x"}, True),
    "json": ({"a.jsonl": '{"user_id": 1, "item_id": 2}\n'}, True),
    "numbers": ({"a.csv": "1.5,2.5\n3,4\n"}, False),
    "numbers with a header": ({"a.csv": "id,x,y\n1,2,3\n"}, False),
    "vectors": ({"a.jsonl": '{"data": {"features": {"values": [1, 2]}}}\n'}, False),
    "recordio": ({"a.pbr": b"\x0a\x23\xd7\xce"}, False),
    "binary": ({"a.csv": b"\xff\xfe\x00\x01" * 9}, False),
    "damaged": ({"a.parquet": b"PAR1"}, False),
    "nothing": ({}, False),
}


@pytest.mark.parametrize("case", RECOGNISED)
def test_a_folder_of_tables_is_recognised(fill, case):
    files, ours = RECOGNISED[case]
    assert recognises(fill("train", files)) is ours
