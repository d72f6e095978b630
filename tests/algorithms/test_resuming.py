"""What is kept of a job, how often, and which of it a job goes on from (contract lines 55, 58)."""

import logging

import numpy as np

from kindred.algorithms.resuming import LEAST_GAPS, Keeper
from kindred.artefact import snapshot
from kindred.contract.training.checkpoints import Store

JOB = {"seed": 0, "metrics": ("msd", "ssd"), "data": "0123456789abcdef" * 4}


class Clock:
    """A second for every look, so that each checkpoint takes one."""

    now = 0.0

    def __call__(self):
        self.now += 1
        return self.now


def keeper(folder, **changes):
    return Keeper(Store(folder, host="a"), "echo", belongs={**JOB, **changes}, clock=Clock())


def offered(kept, number, **how):
    kept.offer({"number": number}, {"a": np.full(3, number)}, **how)


def found(kept):
    return [each.fields["number"] for each in kept.kept()]


def test_a_job_goes_on_from_the_newest_of_its_own(tmp_path):
    kept = keeper(tmp_path)
    offered(kept, 1)
    again = next(keeper(tmp_path).kept())
    assert (again.fields["number"], again.arrays["a"].tolist()) == (1, [1, 1, 1])


def test_what_is_of_another_job_is_passed_over_with_what_differs(tmp_path, caplog):
    """[58]"""
    offered(keeper(tmp_path, seed=3), 1)
    offered(keeper(tmp_path, data="f" * 64), 2)
    with caplog.at_level(logging.WARNING, logger="kindred"):
        assert found(keeper(tmp_path)) == []
    newer, older = caplog.messages
    assert newer.endswith(f"of another job: its data is {'f' * 40}…, here {JOB['data'][:40]}…")
    assert older.endswith("of another job: its seed is 3, here 0")


def test_a_damaged_one_falls_back_to_the_one_before(tmp_path, caplog):
    """[58]"""
    kept = keeper(tmp_path)
    offered(kept, 1)
    offered(kept, 2)
    kept.keep()
    path = max(tmp_path.iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    with caplog.at_level(logging.WARNING, logger="kindred"):
        assert found(keeper(tmp_path)) == [1]
    assert "a checkpoint is passed over: the snapshot is damaged" in caplog.text


def test_one_of_another_kind_or_without_a_job_is_passed_over(tmp_path, caplog):
    """[58]"""
    store = Store(tmp_path, host="a")
    store.save(snapshot.encode("other", fields={}, arrays={}))
    store.save(snapshot.encode("echo", fields={}, arrays={}))
    assert found(keeper(tmp_path)) == []
    assert "it does not say of which" in caplog.text
    assert "it is of 'other', not of 'echo'" in caplog.text


def test_a_job_does_not_wait_for_its_disk(tmp_path):
    kept = keeper(tmp_path)
    for number in range(1, 60):
        offered(kept, number)
    first, second, third = reversed(found(kept))
    assert first == 1
    assert LEAST_GAPS <= second - first <= LEAST_GAPS + 2
    assert LEAST_GAPS <= third - second <= LEAST_GAPS + 2


def test_within_a_stage_it_waits_longer(tmp_path):
    kept = keeper(tmp_path)
    for number in range(1, 60):
        offered(kept, number, every_s=50)
    assert [later - earlier >= 47 for later, earlier in [found(kept)]] == [True]


def test_what_was_offered_last_can_be_kept_at_once_and_only_once(tmp_path):
    """[54]"""
    kept = keeper(tmp_path)
    for number in (1, 2, 3):
        offered(kept, number)
    kept.keep()
    kept.keep()
    assert found(kept) == [3, 1]


def test_without_a_place_nothing_is_kept():
    kept = Keeper(None, "echo", belongs=JOB)
    offered(kept, 1)
    kept.keep()
    assert found(kept) == []
