"""Data divided by time: every event on one side of one moment, and both sides readable as channels."""

import pytest

from kindred.data import divided, pantry
from kindred.errors import UserError
from kit.real_train import SAMPLE

HEADER = "user_id,item_id,rating,timestamp\n"
ROWS = [f"u{row % 7},i{row % 11},{1 + row % 5}.5,{1_700_000_000 + 60 * ((row * 37) % 100)}\n" for row in range(100)]


@pytest.fixture
def folder(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "views.csv").write_text(HEADER + "".join(ROWS))
    (data / "films.csv").write_text("item_id,title\n" + "".join(f"i{item},Film {item}\n" for item in range(12)))
    return data


def _events(folder):
    read = pantry.read({"interactions": folder})
    events = read.interactions
    columns = (events.users, events.items, events.ratings, events.timestamps)
    named = zip(*(column.tolist() for column in columns), strict=True)
    return [(events.user_ids[user], read.catalogue.ids[item], *rest) for user, item, *rest in named]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.99])
def test_the_sides_are_the_whole_and_one_is_before_the_other(folder, tmp_path, share):
    done = divided.divide(folder, tmp_path / "out", last=share)
    train, test = _events(tmp_path / "out/train/interactions"), _events(tmp_path / "out/test")
    assert (len(train), len(test)) == (done.train, done.test) == (100 - round(100 * share), round(100 * share))
    assert sorted(train + test) == sorted(_events(folder))
    assert max(row[3] for row in train) == done.cut < min(row[3] for row in test)


def test_items_are_copied_as_they_are(folder, tmp_path):
    divided.divide(folder, tmp_path / "out", last=0.1)
    copied = [path for path in (tmp_path / "out/train/items").rglob("*") if path.is_file()]
    assert [(path.name, path.read_bytes()) for path in copied] == [("films.csv", (folder / "films.csv").read_bytes())]


def test_folders_of_their_own_are_read_as_the_channels_are(tmp_path):
    done = divided.divide(SAMPLE, tmp_path / "out", last=0.1)
    whole, train = pantry.read({"train": SAMPLE}), pantry.read({"train": tmp_path / "out/train"})
    assert len(whole.interactions.users) == done.train + done.test
    assert set(whole.catalogue.ids) == set(train.catalogue.ids)
    assert set(whole.catalogue.columns) == set(train.catalogue.columns)


def test_one_moment_is_never_cut(folder, tmp_path):
    rows = [f"u{row},i{row},1.0,{1_700_000_000 + 60 * (row // 30)}\n" for row in range(90)]
    (folder / "views.csv").write_text(HEADER + "".join(rows))
    done = divided.divide(folder, tmp_path / "out", last=0.4)
    assert (done.train, done.test) == (60, 30)


def test_the_kinds_of_events_stay_with_them(folder, tmp_path):
    """So that what is divided can be learnt from with `event_weights`."""
    rows = [f"u{row},i{row},{('view', 'buy')[row % 2]},{1_700_000_000 + row}\n" for row in range(20)]
    (folder / "views.csv").write_text("user_id,item_id,event_type,timestamp\n" + "".join(rows))
    divided.divide(folder, tmp_path / "out", last=0.5)
    for side in (tmp_path / "out/train/interactions", tmp_path / "out/test"):
        read = pantry.read({"interactions": side}, event_weights={"view": 0.0})
        assert read.interactions.settled.tolist().count(1) == 5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("user_id,item_id\nu,i\n", "bring a column 'timestamp'"),
        (HEADER + "u,i,1,5\nv,i,1,5\n", "nothing happened after the cut at 1970-01-01T00:00:05"),
        (HEADER, "no rows"),
    ],
)
def test_what_has_no_before_and_after_is_said(folder, tmp_path, text, says):
    (folder / "views.csv").write_text(text)
    (folder / "films.csv").unlink()
    with pytest.raises(UserError, match=says):
        divided.divide(folder, tmp_path / "out", last=0.1)
    assert not (tmp_path / "out").exists()


def test_a_catalogue_alone_cannot_be_divided(folder, tmp_path):
    (folder / "views.csv").unlink()
    with pytest.raises(UserError, match="no interactions to divide"):
        divided.divide(folder, tmp_path / "out", last=0.1)
