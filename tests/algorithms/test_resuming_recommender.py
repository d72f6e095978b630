"""A recommender's job that is asked to stop at any moment, and the one that goes on from what it left."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from algorithms.jobs import TASTES, ask, ids, job, table, two_taste_items, two_tastes
from kindred.algorithms import recommender
from kindred.artefact import shelf
from kindred.contract.port import Outcome
from kindred.contract.training.checkpoints import Store
from kindred.desk.predictor import Desk
from kit import doors, opt_ml, real_train

EVENTS = two_tastes()
NEVER = 10**9


class After(threading.Event):
    """Asked to stop once somebody has looked so often: a moment of training that is the same in every run."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.looks, self.looked = looks, 0

    def is_set(self) -> bool:
        self.looked += 1
        return self.looked > self.looks


class Run:
    """A job asked to stop after so many looks, and what it left."""

    def __init__(self, base: Path, channels: dict[str, Path], *, looks: int = NEVER, store: Path, **asked: Any) -> None:
        stop = After(looks)
        task = replace(job(base, channels, **asked), stop=stop, checkpoints=Store(store, host="algo-1"))
        self.store = store
        self.outcome: Outcome = recommender.train(task)
        self.looked = stop.looked
        self.bytes = {path.name: path.read_bytes() for path in task.model.iterdir()}
        self.notes = shelf.open(task.model).manifest.notes
        self.desk: Desk = recommender.load(task.model)


@pytest.fixture(scope="module")
def channels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {"interactions": table(tmp_path_factory.mktemp("interactions"), EVENTS)}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, channels: dict[str, Path]) -> Run:
    return Run(tmp_path_factory.mktemp("first") / "job", channels, store=tmp_path_factory.getbasetemp() / "first-store")


@pytest.fixture
def store(tmp_path: Path, first: Run) -> Path:
    """The checkpoints of a run that came to its end."""
    return Path(shutil.copytree(first.store, tmp_path / "first-store"))


def moments(looked: int, *, few: int) -> list[int]:
    return sorted({1, looked - 1, *range(1, looked, max(1, looked // few))})


@pytest.mark.slow
def test_stopped_at_any_moment_it_answers_and_the_next_run_ends_as_if_nothing_had_been(
    tmp_path: Path, channels: dict[str, Path], first: Run
):
    """[53] [54] [58] The best so far is a whole model; what comes of the checkpoint is the same to the byte."""
    for looks in moments(first.looked, few=9):
        store = tmp_path / f"store-{looks}"
        stopped = Run(tmp_path / f"stopped-{looks}", channels, looks=looks, store=store)
        assert len(ids(ask(stopped.desk, {"history": ["red-3", "red-4"]}))) == 10
        assert "asked to stop" in stopped.notes[-1]
        assert stopped.outcome.metrics == {}
        assert list(store.glob("*.checkpoint"))
        assert Run(tmp_path / f"again-{looks}", channels, store=store).bytes == first.bytes


def test_stopped_amid_the_blocks_it_goes_on_from_there(tmp_path: Path, channels: dict[str, Path], first: Run):
    """[53] [54] [58]"""
    amid = first.looked * 9 // 20
    stopped = Run(tmp_path / "stopped", channels, looks=amid, store=tmp_path / "store")
    assert "of the items" in stopped.notes[-2]
    assert "0%" not in stopped.notes[-2]
    again = Run(tmp_path / "again", channels, store=tmp_path / "store")
    assert again.bytes == first.bytes
    assert again.looked < first.looked


@pytest.mark.slow
def test_what_is_known_of_the_embedding_answers_for_blocks_that_were_not_solved(
    tmp_path: Path, channels: dict[str, Path], first: Run
):
    """The notes say how much was solved; taste alone keeps the two tastes apart, popularity does not."""
    told = []
    for looks in moments(first.looked, few=20):
        stopped = Run(tmp_path / f"stopped-{looks}", channels, looks=looks, store=tmp_path / f"store-{looks}")
        note = stopped.notes[-2]
        told.append(note)
        answers = {taste: ids(ask(stopped.desk, {"history": [f"{taste}-3", f"{taste}-4"], "n": 5})) for taste in TASTES}
        apart = all(one.startswith(taste) for taste, found in answers.items() for one in found)
        assert apart == ("are popular" not in note)
    assert any("are popular" in note for note in told)
    assert any("0%" in note for note in told)
    assert any("%" in note and "0%" not in note for note in told)


def test_going_on_skips_what_was_done(tmp_path: Path, channels: dict[str, Path], first: Run, store: Path):
    again = Run(tmp_path / "again", channels, store=store)
    assert again.bytes == first.bytes
    assert again.looked < first.looked


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"width": 5}],
    ids=lambda asked: next(iter(asked)),
)
def test_a_checkpoint_of_other_hyperparameters_is_passed_over(
    tmp_path: Path,
    channels: dict[str, Path],
    first: Run,
    store: Path,
    other: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
):
    """[58]"""
    alone = Run(tmp_path / "alone", channels, store=tmp_path / "alone-store", **other)
    beside = Run(tmp_path / "beside", channels, store=store, **other)
    assert beside.bytes == alone.bytes != first.bytes
    assert f"its {next(iter(other))} is" in caplog.text


def test_a_checkpoint_of_other_data_is_passed_over(tmp_path: Path, store: Path, caplog: pytest.LogCaptureFixture):
    """[58]"""
    other = {"interactions": table(tmp_path / "other", EVENTS[:-1])}
    alone = Run(tmp_path / "alone", other, store=tmp_path / "alone-store")
    assert Run(tmp_path / "beside", other, store=store).bytes == alone.bytes
    assert "its data is" in caplog.text


def test_a_damaged_checkpoint_gives_way_to_the_one_before(
    tmp_path: Path, channels: dict[str, Path], first: Run, store: Path
):
    """[58]"""
    newest = max(store.glob("*.checkpoint"))
    newest.write_bytes(newest.read_bytes()[:-100])
    assert Run(tmp_path / "again", channels, store=store).bytes == first.bytes


@pytest.mark.slow
def test_a_catalogue_alone_is_answered_for_at_any_moment(tmp_path: Path):
    """[54]"""
    channels = {"items": table(tmp_path / "items", two_taste_items())}
    whole = Run(tmp_path / "whole", channels, store=tmp_path / "store")
    assert "asked to stop" not in whole.notes[-1]
    for looks in moments(whole.looked, few=4):
        stopped = Run(tmp_path / f"stopped-{looks}", channels, looks=looks, store=tmp_path / "store")
        assert "of 12 clusterings were made" in stopped.notes[-1]
        assert len(ids(ask(stopped.desk, {"history": ["red-3"]}))) == 10


@pytest.mark.slow
@pytest.mark.parametrize("signalled_s", [0.0, 0.8, 1.6, 2.4])
def test_sigterm_leaves_a_model_or_none_but_never_half_of_one(tmp_path: Path, signalled_s: float):
    """[53] [54] Exit 0 with a whole model, or 128 + 15 before anything was read; then the job runs to its end."""
    base = tmp_path / "world"
    opt_ml.lay_out(base, channels=real_train.sample_channels(), hyperparameters={})
    (base / "checkpoints").mkdir()
    process = started(base)
    time.sleep(signalled_s)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    ended = doors.ended(process, base)
    assert ended.status in (0, -signal.SIGTERM, 128 + signal.SIGTERM), ended.log
    assert (ended.status == 0) == (base / "model" / "manifest.json").is_file()
    again = doors.ended(started(base), base)
    assert again.status == 0, again.log
    alone = tmp_path / "alone"
    assert real_train.train(alone, real_train.sample_channels()).status == 0
    assert model(base) == model(alone)


@pytest.mark.slow
@pytest.mark.parametrize("killed_s", [1.5, 2.5])
def test_a_killed_job_ends_as_one_that_never_was(tmp_path: Path, killed_s: float):
    """[55] [58]"""
    base, alone = tmp_path / "world", tmp_path / "alone"
    opt_ml.lay_out(base, channels=real_train.sample_channels(), hyperparameters={})
    (base / "checkpoints").mkdir()
    process = started(base)
    time.sleep(killed_s)
    process.kill()
    doors.ended(process, base)
    assert doors.ended(started(base), base).status == 0
    assert real_train.train(alone, real_train.sample_channels()).status == 0
    assert model(base) == model(alone)


def started(base: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kindred.entry", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def model(base: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (base / "model").iterdir()}
