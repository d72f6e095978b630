"""What the door does for a job's life: checkpoints to go on from, and an end in time (contract lines 53-59)."""

import signal
import time

import pytest

from kit import doors
from kit.opt_ml import lay_out

HOST = {"current_host": "algo-7", "hosts": ["algo-7"]}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_job_finds_what_it_kept_before_it_was_started_again(tmp_path):
    """[34] [55] [59] in the folder that the user chose"""
    chosen = tmp_path / "chosen"
    config = {"S3Uri": "s3://bucket/prefix", "LocalPath": str(chosen)}
    lay_out(tmp_path / "ml", hyperparameters={"behaviour": "keep"}, checkpointconfig=config, resourceconfig=HOST)
    assert "echo found []" in doors.train(tmp_path / "ml").log
    assert names(chosen) == [f"algo-7-0000000{number}.checkpoint" for number in (1, 2, 3)]
    assert "echo found ['three', 'two', 'one']" in doors.train(tmp_path / "ml").log


def test_a_folder_that_cannot_be_written_to_does_not_fail_the_job(tmp_path):
    """[56]"""
    (tmp_path / "file").touch()
    config = {"LocalPath": str(tmp_path / "file" / "checkpoints")}
    places = lay_out(tmp_path / "ml", hyperparameters={"behaviour": "keep"}, checkpointconfig=config)
    trained = doors.train(tmp_path / "ml")
    assert (trained.status, trained.failure) == (0, None)
    assert trained.log.count("warning: no checkpoint can be kept in") == 1
    assert names(places.model) == ["echo.json"]


@pytest.mark.slow
def test_a_signal_ends_a_job_at_once_that_would_lose_nothing(tmp_path):
    """[54] even in a native call, and long before the grace is over"""
    places = lay_out(tmp_path, hyperparameters={"behaviour": "read"})
    process = doors.start(tmp_path)
    doors.read_until(process, "echo reads")
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    trained = doors.ended(process, tmp_path)
    assert time.monotonic() - asked < 2
    assert (trained.status, trained.failure) == (143, None)
    assert "warning: training is ended by signal 15; it leaves none" in trained.log
    assert names(places.model) == []
