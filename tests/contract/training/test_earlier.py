"""The channel `model`: packed or not, and nothing in it leads outside (contract lines 49, 157)."""

import gzip
import io
import tarfile
import tempfile

import pytest

from kindred.contract.port import Channel
from kindred.contract.training import earlier
from kindred.errors import UserError

FILES = {"manifest.json": b"{}", "deep/er/arrays": b"\0" * 5000, "empty": b""}
MOST = 1 << 20


def member(name, content=b"", **changes):
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for key, value in changes.items():
        setattr(made, key, value)
    return made, io.BytesIO(content)


def packed(*members, mode="w:gz"):
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode=mode) as tar:
        for made, content in members:
            tar.addfile(made, content)
    return body.getvalue()


WHOLE = packed(*(member(f"./{name}", content) for name, content in FILES.items()))


def channels(folder, files):
    for name, content in files.items():
        path = folder / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {"model": Channel(name="model", folder=folder / "model"), "train": Channel(name="train", folder=folder)}


def unpacked(given, *, most_bytes=MOST, stopped=lambda: False):
    return earlier.unpacked(given, most_bytes=most_bytes, stopped=stopped)


def tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


PLAIN = packed(*(member(name, content) for name, content in FILES.items()), mode="w")
FORMS = {
    "model.tar.gz": WHOLE,
    "a-job/output/model.tar.gz": WHOLE,
    "MODEL.TGZ": WHOLE,
    "model.tar": PLAIN,
    "in name only.tar.gz": PLAIN,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_tarball_becomes_a_tree_that_is_gone_afterwards(tmp_path, scratch, name):
    """[49]"""
    given = channels(tmp_path, {name: FORMS[name], ".hidden.tar.gz": b"", "_SUCCESS": b""})
    with unpacked(given) as found:
        assert tree(found["model"].folder) == FILES
        assert found["model"].folder.is_relative_to(scratch)
        assert found["train"] is given["train"]
    assert list(scratch.iterdir()) == []
    assert (given["model"].folder / name).is_file()


def test_a_tree_is_left_where_it_is(tmp_path, scratch):
    """[49]"""
    given = channels(tmp_path, FILES)
    with unpacked(given) as found:
        assert found == given
        assert list(scratch.iterdir()) == []


def test_without_the_channel_nothing_happens(tmp_path):
    given = {"train": Channel(name="train", folder=tmp_path)}
    with unpacked(given) as found:
        assert found == given


LINK = {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}
ATTACKS = {
    "absolute": (packed(member("/etc/cron.d/x", b"x")), "names a place outside its folder: '/etc/cron.d/x'"),
    "upwards": (packed(member("a/../../x", b"x")), "names a place outside"),
    "a link": (packed(member("x", **LINK), member("x", b"y")), "neither a file nor a folder: 'x'"),
    "a link to a folder": (packed(member("d", type=tarfile.SYMTYPE, linkname=".."), member("d/x", b"y")), "neither"),
    "a hard link": (packed(member("x", type=tarfile.LNKTYPE, linkname="/etc/passwd")), "neither a file nor a folder"),
    "a device": (packed(member("x", type=tarfile.CHRTYPE)), "neither a file nor a folder"),
    "a pipe": (packed(member("x", type=tarfile.FIFOTYPE)), "neither a file nor a folder"),
    "a file twice": (packed(member("x", b"1"), member("x", b"2")), "names one place twice"),
    "a file as a folder": (packed(member("x", b"1"), member("x/y", b"2")), "names one place twice"),
    "a folder as a file": (packed(member("x", type=tarfile.DIRTYPE), member("x", b"2")), "names one place twice"),
    "too much": (packed(member("x", bytes(2 * MOST))), "unpacks to more than 1,048,576 bytes"),
    "too much of a header": (packed(member("x" * (2 * MOST), b"")), "unpacks to more than"),
    "many": (packed(*(member(f"{number}") for number in range(11))), "more than 10 files"),
    "half": (WHOLE[: len(WHOLE) // 2], "the packed model is damaged"),
    "bare zeros": (gzip.compress(b"no tar" * 1000), "the packed model is damaged"),
    "noise": (b"\x1f\x8b" + b"noise" * 100, "the packed model is damaged"),
    "half of a plain one": (PLAIN[:3000], "the packed model is damaged"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_no_model_holds_is_refused_and_leaves_nothing(tmp_path, scratch, monkeypatch, name):
    """[49] [157]"""
    content, told = ATTACKS[name]
    monkeypatch.setattr(earlier, "MOST_FILES", 10)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=told) as caught, unpacked(channels(tmp_path, {"model.tar.gz": content})):
        pytest.fail("it was taken")
    assert caught.value.at == "model.tar.gz"
    assert list(scratch.iterdir()) == []
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "model", tmp_path / "model" / "model.tar.gz"}


def test_two_are_one_too_many(tmp_path):
    given = channels(tmp_path, {"a/model.tar.gz": WHOLE, "b/model.tar.gz": WHOLE})
    with pytest.raises(UserError, match=r"2 packed models, expected one: a/model.tar.gz, b/model.tar.gz"):
        unpacked(given).__enter__()


def test_asked_to_stop_it_unpacks_no_further(tmp_path, scratch):
    """[54]"""
    with pytest.raises(UserError, match="asked to stop"):
        unpacked(channels(tmp_path, {"model.tar.gz": WHOLE}), stopped=lambda: True).__enter__()
    assert list(scratch.iterdir()) == []


def test_the_scratch_goes_when_training_fails(tmp_path, scratch):
    with pytest.raises(ZeroDivisionError), unpacked(channels(tmp_path, {"model.tar.gz": WHOLE})):
        raise ZeroDivisionError(*scratch.iterdir())
    assert list(scratch.iterdir()) == []
