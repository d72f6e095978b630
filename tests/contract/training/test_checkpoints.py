"""The folder of checkpoints, and the agent that copies it to S3 meanwhile (contract lines 56, 57)."""

import errno
import logging
import os

from kindred.contract.training.checkpoints import IGNORED, KEPT_UNSEEN, UPLOADED, UPLOADING, Store


def store(folder, host="algo-1"):
    return Store(folder, host=host)


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".checkpoint"))


def upload(folder):
    """What the agent does with every file that it has not copied yet."""
    for name in names(folder):
        (folder / (name + UPLOADED)).touch()


def test_what_is_kept_comes_back_the_newest_first(tmp_path):
    kept = store(tmp_path / "made" / "when needed")
    assert list(kept.saved()) == []
    for content in (b"one", b"two", b""):
        kept.save(content)
    assert list(kept.saved()) == [b"", b"two", b"one"]
    assert list(store(tmp_path / "made" / "when needed").saved()) == [b"", b"two", b"one"]


def test_the_agent_never_sees_half_of_one(tmp_path, monkeypatch):
    """[57] it is written under the name that the agent ignores, on the disk before it is renamed"""
    seen = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append([path.name for path in tmp_path.iterdir()]))
    store(tmp_path).save(b"content")
    assert seen == [["algo-1-00000001.checkpoint.sagemaker-ignore"], ["algo-1-00000001.checkpoint"]]


def test_an_old_one_goes_only_when_it_was_copied_and_is_not_being_copied(tmp_path):
    """[56] [57] deleted here is deleted in S3"""
    kept = store(tmp_path)
    for content in (b"1", b"2", b"3"):
        kept.save(content)
        upload(tmp_path)
    (tmp_path / f"algo-1-00000002.checkpoint{UPLOADING}").touch()
    kept.save(b"4")
    kept.save(b"5")
    assert names(tmp_path) == [f"algo-1-0000000{number}.checkpoint" for number in (2, 4, 5)]
    (tmp_path / f"algo-1-00000002.checkpoint{UPLOADING}").unlink()
    kept.save(b"6")
    assert names(tmp_path) == [f"algo-1-0000000{number}.checkpoint" for number in (4, 5, 6)]


def test_where_no_agent_is_at_work_a_few_are_kept(tmp_path):
    kept = store(tmp_path)
    for number in range(10):
        kept.save(bytes([number]))
    assert list(kept.saved()) == [bytes([number]) for number in (9, 8, 7, 6)]
    assert len(names(tmp_path)) == KEPT_UNSEEN


def test_marks_and_half_files_and_strangers_are_no_checkpoints(tmp_path):
    """[57]"""
    kept = store(tmp_path)
    kept.save(b"whole")
    for name in (
        f"algo-1-00000001.checkpoint{UPLOADED}",
        f"algo-1-00000002.checkpoint{UPLOADING}",
        f"algo-1-00000009.checkpoint{IGNORED}",
        "notes.txt",
        "xgboost-checkpoint.3",
        f"theirs{IGNORED}",
    ):
        (tmp_path / name).write_bytes(b"other")
    (tmp_path / "algo-1-00000005.checkpoint").mkdir()
    assert list(kept.saved()) == [b"whole"]
    kept.save(b"next")
    assert list(kept.saved()) == [b"next", b"whole"]
    left = {path.name for path in tmp_path.iterdir()}
    assert {"notes.txt", "xgboost-checkpoint.3", f"theirs{IGNORED}"} <= left
    assert f"algo-1-00000009.checkpoint{IGNORED}" not in left


def test_a_host_of_another_name_goes_on_from_what_the_first_left(tmp_path):
    """[55] [57] local mode calls hosts differently each time, and names may hold what no file name can"""
    store(tmp_path, "zeta/../1").save(b"first")
    store(tmp_path, "algo-1-x").save(b"second")
    assert names(tmp_path) == ["algo-1-x-00000002.checkpoint", "zeta_.._1-00000001.checkpoint"]
    assert list(store(tmp_path, "algo-1-y").saved()) == [b"second", b"first"]


def test_a_disk_that_refuses_is_told_of_once_and_does_not_matter(tmp_path, caplog):
    """[56] a folder that cannot be made"""
    (tmp_path / "file").touch()
    kept = store(tmp_path / "file" / "checkpoints")
    with caplog.at_level(logging.WARNING, logger="kindred"):
        kept.save(b"one")
        kept.save(b"two")
    assert len(caplog.messages) == 1
    assert "no checkpoint can be kept in" in caplog.text
    assert list(kept.saved()) == []


def test_a_full_disk_keeps_what_it_had_and_no_half_file(tmp_path, monkeypatch):
    kept = store(tmp_path)
    kept.save(b"before")

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        kept.save(b"too much")
    assert [path.name for path in tmp_path.iterdir()] == ["algo-1-00000001.checkpoint"]
    kept.save(b"after")
    assert list(kept.saved()) == [b"after", b"before"]


def test_one_that_cannot_be_read_is_left_out(tmp_path):
    kept = store(tmp_path)
    kept.save(b"one")
    # Nobody may read its own memory at 0, root neither.
    (tmp_path / "algo-1-00000002.checkpoint").symlink_to("/proc/self/mem")
    assert list(kept.saved()) == [b"one"]
