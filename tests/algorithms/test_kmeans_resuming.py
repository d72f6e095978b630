"""A job that is killed goes on from its checkpoint, and ends with the same bytes (contract lines 54, 55, 58, 59)."""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from algorithms.kmeans_jobs import Given, job, record_set, trained
from kindred.algorithms import kmeans, kmeans_checkpoints, resuming
from kindred.codecs import npy
from kindred.contract.training.checkpoints import Store
from kit import doors, opt_ml

ROWS = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)
CHANNELS = {"train": {"a.npy": npy.encode(ROWS[:250]), "b.npy": npy.encode(ROWS[250:])}}
ASKED = {"k": 5, "epochs": 2, "mini_batch_size": 250, "refine_passes": 3, "local_lloyd_num_trials": 2}


class Killed(BaseException):
    """As sudden as a kill can be within a process."""


class Mortal:
    """A real folder of checkpoints; the job dies as soon as the n-th lies there."""

    def __init__(self, folder, *, deadly=None):
        self.store, self.deadly, self.saves = Store(folder, host="algo-1"), deadly, 0

    def save(self, content):
        self.store.save(content)
        self.saves += 1
        if self.saves == self.deadly:
            raise Killed

    def saved(self):
        return self.store.saved()


@pytest.fixture(autouse=True)
def every_stage_is_kept(monkeypatch):
    monkeypatch.setattr(resuming, "LEAST_GAPS", 0)
    monkeypatch.setattr(kmeans_checkpoints, "EVERY_S", 0)


def left(base):
    """Everything that a job leaves, to the byte."""
    folders = (base / "model", base / "output")
    return {path.name: path.read_bytes() for folder in folders for path in folder.iterdir()}


def killed(base, store, channels=CHANNELS, **asked):
    with pytest.raises(Killed):
        kmeans.train(job(base, channels, Given(checkpoints=store), [], **asked))
    assert left(base) == {}


def whole(base, channels=CHANNELS, **asked):
    """An uninterrupted job: what it leaves, how it ended, how many checkpoints it kept."""
    store = Mortal(base / "checkpoints")
    made = trained(base / "job", channels, Given(checkpoints=store), **asked)
    return left(base / "job"), made.outcome, store.saves


@pytest.mark.parametrize(
    "asked",
    [
        ASKED,
        pytest.param({**ASKED, "k": "auto", "init_method": "kmeans++"}, marks=pytest.mark.slow),
        {**ASKED, "half_life_time_size": 500, "refine_passes": 0},
        {**ASKED, "extra_center_factor": 1, "mini_batch_size": 1500},
    ],
    ids=str,
)
def test_killed_after_any_checkpoint_it_ends_with_the_same_bytes(tmp_path, asked):
    """[55] [58] [59] [174]"""
    expected, ended, saves = whole(tmp_path / "whole", **asked)
    assert saves >= 4
    for deadly in range(1, saves + 1):
        base = tmp_path / str(deadly)
        killed(base / "first", Mortal(base / "checkpoints", deadly=deadly), **asked)
        again = Mortal(base / "checkpoints")
        outcome = trained(base / "second", CHANNELS, Given(checkpoints=again), **asked).outcome
        assert left(base / "second") == expected, deadly
        assert outcome == ended
        assert again.saves <= saves - deadly + 1


def test_without_a_place_for_checkpoints_the_model_is_the_same(tmp_path):
    """[56] the folder is absent where it is not configured"""
    expected, _, _ = whole(tmp_path / "whole", **ASKED)
    trained(tmp_path / "bare", CHANNELS, **ASKED)
    assert left(tmp_path / "bare") == expected


def test_killed_again_and_again_it_gets_there(tmp_path):
    """[59]"""
    expected, _, saves = whole(tmp_path / "whole", **ASKED)
    for life in range(saves // 2):
        killed(tmp_path / f"life {life}", Mortal(tmp_path / "checkpoints", deadly=2), **ASKED)
    trained(tmp_path / "last", CHANNELS, Given(checkpoints=Mortal(tmp_path / "checkpoints")), **ASKED)
    assert left(tmp_path / "last") == expected


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path, caplog):
    """[58]"""
    expected, _, _ = whole(tmp_path / "whole", **ASKED)
    killed(tmp_path / "first", Mortal(tmp_path / "checkpoints", deadly=5), **ASKED)
    newest = max((tmp_path / "checkpoints").iterdir())
    newest.write_bytes(newest.read_bytes()[: newest.stat().st_size // 2])
    with caplog.at_level(logging.INFO, logger="kindred"):
        again = Given(checkpoints=Mortal(tmp_path / "checkpoints"))
        trained(tmp_path / "second", CHANNELS, again, **ASKED)
    assert left(tmp_path / "second") == expected
    assert "the snapshot is damaged" in caplog.text
    assert "going on from a checkpoint: 1 epochs and 0 batches" in caplog.text


OTHER = {
    "k": ({**ASKED, "k": 6}, CHANNELS, "its k is 5, here 6"),
    "seed": ({**ASKED, "seed": 1}, CHANNELS, "its seed is 0, here 1"),
    "epochs": ({**ASKED, "epochs": 3}, CHANNELS, "its epochs is 2, here 3"),
    "data": (ASKED, {"train": {"a.npy": npy.encode(ROWS + 1)}}, "its data is "),
    "order": (ASKED, {"train": {"a.npy": npy.encode(ROWS[::-1])}}, "its order of rows is "),
}


@pytest.mark.parametrize("what", OTHER)
def test_a_checkpoint_of_another_job_is_passed_over_and_what_differs_is_said(tmp_path, caplog, what):
    """[58]"""
    asked, channels, told = OTHER[what]
    killed(tmp_path / "first", Mortal(tmp_path / "checkpoints", deadly=4), **ASKED)
    fresh, _, _ = whole(tmp_path / "fresh", channels, **asked)
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="kindred"):
        given = Given(checkpoints=Mortal(tmp_path / "checkpoints"))
        trained(tmp_path / "second", channels, given, **asked)
    assert left(tmp_path / "second") == fresh
    assert told in caplog.text
    assert "going on" not in caplog.text


class Patience:
    """Asked to stop at the n-th look, whoever looks."""

    def __init__(self, looks):
        self.looks, self.set_ = looks, False

    def is_set(self):
        self.looks -= 1
        return self.looks < 0

    def set(self):
        self.looks = 0


@pytest.mark.parametrize("looks", [0, 1, 2, 4, 7, 10, 14, 20])
def test_asked_to_stop_at_any_moment_it_leaves_a_model_and_a_checkpoint_to_go_on_from(tmp_path, looks, monkeypatch):
    """[54] and who goes on from it ends as if nothing had been"""
    monkeypatch.setattr(resuming, "LEAST_GAPS", 1e9)
    channels = {**CHANNELS, "test": {"t.npy": npy.encode(ROWS[:50])}}
    expected, _, _ = whole(tmp_path / "whole", channels, **ASKED)
    task = job(tmp_path / "first", channels, Given(checkpoints=Mortal(tmp_path / "checkpoints")), [], **ASKED)
    kmeans.train(replace(task, stop=Patience(looks)))
    assert kmeans.load(task.model).centroids.shape == (5, 4)
    assert list((tmp_path / "checkpoints").glob("*")) or looks == 0
    trained(tmp_path / "second", channels, Given(checkpoints=Mortal(tmp_path / "checkpoints")), **ASKED)
    assert left(tmp_path / "second") == expected


@pytest.mark.slow
@pytest.mark.parametrize("looks", [0, 2])
def test_what_was_chosen_or_drawn_in_a_hurry_is_not_gone_on_from(tmp_path, looks):
    """[58] Random rows stand in for seeds, and fewer numbers of clusters are compared, once a job has to end."""
    asked = {**ASKED, "k": "auto", "init_method": "kmeans++"}
    expected, _, _ = whole(tmp_path / "whole", **asked)
    task = job(tmp_path / "first", CHANNELS, Given(checkpoints=Mortal(tmp_path / "checkpoints")), [], **asked)
    kmeans.train(replace(task, stop=Patience(looks)))
    trained(tmp_path / "second", CHANNELS, Given(checkpoints=Mortal(tmp_path / "checkpoints")), **asked)
    assert left(tmp_path / "second") == expected


def test_reading_loses_nothing_and_all_that_follows_may(tmp_path):
    """[54]"""
    seen = []

    @contextlib.contextmanager
    def block():
        seen.append("in")
        yield
        seen.append("out")

    class Noting(Mortal):
        def saved(self):
            seen.append("looks for checkpoints")
            return super().saved()

        def save(self, content):
            seen.append("keeps")
            super().save(content)

    task = job(tmp_path / "job", CHANNELS, Given(checkpoints=Noting(tmp_path / "checkpoints")), [], **ASKED)
    kmeans.train(replace(task, losing_nothing=block))
    assert seen[:6] == ["in", "out", "in", "looks for checkpoints", "out", "keeps"]


def start(base):
    return subprocess.Popen(
        [sys.executable, "-m", "kindred.entry", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def laid_out(base, rows):
    asked = {"k": "40", "epochs": "30", "mini_batch_size": "2000", "refine_passes": "10", "extra_center_factor": "4"}
    places = opt_ml.lay_out(base, channels={"train": record_set(rows)}, hyperparameters=asked)
    places.checkpoints.mkdir()
    return places


def real_left(base):
    files = [*(base / "model").iterdir(), base / "output" / "data" / "metrics.json"]
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def test_the_real_train_killed_twice_ends_with_the_same_bytes(tmp_path, number):
    """[55] [58]"""
    rows = np.random.default_rng(1).normal(size=(20_000, 16)).astype(np.float32)
    laid_out(tmp_path / "whole", rows)
    doors.ended(start(tmp_path / "whole"), tmp_path / "whole")
    base = tmp_path / "ml"
    laid_out(base, rows)
    for epoch in (3, 9):
        process = start(base)
        for line in process.stdout:
            if line.startswith("#progress_metric") and float(line.split()[3]) >= 100 * epoch / 30 - 0.1:
                break
        process.send_signal(number)
        status = doors.ended(process, base).status
        assert status == (0 if number == signal.SIGTERM else -number)
    ended = doors.ended(start(base), base)
    assert (ended.status, ended.failure) == (0, None)
    assert "going on from a checkpoint" in ended.log
    assert real_left(base) == real_left(tmp_path / "whole")
    assert json.loads((base / "output" / "data" / "metrics.json").read_text())["train:msd"] > 0
