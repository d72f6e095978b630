"""A recommender's job that is asked to stop while there is nothing yet that it could leave."""

import contextlib
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from algorithms.jobs import job, table, two_tastes
from kindred.algorithms import recommender
from kindred.contract.training.checkpoints import Store
from kit import doors, opt_ml, real_train

LIKED = 300
USERS = 10_000


class Noting(Store):
    """A store that notes when it is written to."""

    def __init__(self, folder: Path, seen: list[str]) -> None:
        super().__init__(folder, host="algo-1")
        self.seen = seen

    def save(self, content: bytes) -> None:
        self.seen.append("keeps")
        super().save(content)


def test_reading_loses_nothing_and_all_that_is_learnt_may(tmp_path: Path):
    """[54] The channels are read inside the block, and nothing that is worth keeping is made there."""
    seen: list[str] = []

    @contextlib.contextmanager
    def block() -> Iterator[None]:
        seen.append("in")
        yield
        seen.append("out")

    channels = {"interactions": table(tmp_path / "interactions", two_tastes())}
    task = job(tmp_path / "job", channels)
    recommender.train(replace(task, losing_nothing=block, checkpoints=Noting(tmp_path / "checkpoints", seen)))
    assert seen[:2] == ["in", "out"]
    assert {*seen[seen.index("keeps") :]} == {"keeps"}


@pytest.mark.slow
def test_sigterm_ends_a_job_at_once_that_still_reads(tmp_path: Path):
    """[53] [54] Three million rows take longer to read than that; it leaves no model, and no failure either."""
    rows = "\n".join(f"u{user},i{user * 7 % 997 + item}" for user in range(USERS) for item in range(LIKED))
    opt_ml.lay_out(tmp_path, channels={"interactions": {"views.csv": f"user_id,item_id\n{rows}\n".encode()}})
    process = real_train.KINDRED.start("train", tmp_path, environ={"SM_LOG_LEVEL": "10"})
    doors.read_until(process, "files are read")
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    ended = doors.ended(process, tmp_path)
    assert time.monotonic() - asked < 2
    assert (ended.status, ended.failure) == (128 + signal.SIGTERM, None)
    assert "warning: training is ended by signal 15; it leaves none" in ended.log
    assert list((tmp_path / "model").iterdir()) == []
