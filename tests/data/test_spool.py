"""Rows beyond a share of the memory lie in a scratch file, and are the same rows (contract lines 39, 63, 199)."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kindred.data import vectors_spool
from kindred.data.distant import distant
from kindred.data.mapped import Mapped
from kindred.data.vectors_spool import kept
from kindred.engine.pool import Threads
from kindred.engine.shards import Local

ROWS = np.random.default_rng(0).normal(size=(1000, 7)).astype(np.float32)
FULL = """
import resource, signal, sys
import numpy as np
from kindred.data.vectors_spool import kept
from kindred.errors import UserError
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    kept((np.zeros((1 << 20, 1), np.float32) for _ in range(100)), held_bytes=0)
except UserError as error:
    print(error)
"""


def parts(each):
    return (ROWS[begin : begin + each] for begin in range(0, len(ROWS), each))


@pytest.mark.parametrize("held_bytes", [0, 9_000, 1 << 30])
@pytest.mark.parametrize("each", [1, 13, 1000])
def test_where_rows_lie_changes_nothing(monkeypatch, held_bytes, each):
    """[63]"""
    monkeypatch.setattr(vectors_spool, "SHARD_BYTES", 1000)
    found = kept(parts(each), held_bytes=held_bytes)
    assert np.array_equal(np.concatenate(found.shards), ROWS)
    assert sum(shard.nbytes for shard in found.shards if not isinstance(shard, Mapped)) <= held_bytes
    assert found.scratch_bytes == sum(shard.nbytes for shard in found.shards if isinstance(shard, Mapped))


def test_a_pass_over_mapped_rows_is_that_over_rows_in_memory():
    """[63] what is taken of them is a copy, so their pages can be let go"""
    (mapped,) = kept(parts(100), held_bytes=0).shards
    numbers = np.array([3, 999, 5, 5])
    assert np.array_equal(Local([mapped]).take(numbers), Local([ROWS]).take(numbers))
    totals = [Local([rows]).total(_sums, pool=Threads(2))[0].tolist() for rows in (mapped, ROWS)]
    assert totals[0] == totals[1]
    assert type(mapped[2:5]) is np.ndarray
    assert type(mapped * 2) is np.ndarray


def _sums(rows):
    return [rows.sum(axis=0)]


def test_a_full_disk_is_told_with_what_was_needed():
    """[199] [51]"""
    ended = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, check=True)
    assert "the scratch disk is full: 33,554,432 bytes were needed so far, and " in ended.stdout


def test_what_lies_behind_a_program_is_known_by_its_mount(tmp_path):
    """[39] the innermost mount counts"""
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "disk / ext4 rw 0 0\nfastfile /opt/ml/input/data/train fuse.s3 ro 0 0\ntmp /opt/ml/input/data/train/a tmpfs\n"
    )
    folder = Path("/opt/ml/input/data")
    told = {name: distant(folder / name, mounts=mounts) for name in ("train/x.npy", "train/a/x.npy", "test/x.npy")}
    assert told == {"train/x.npy": True, "train/a/x.npy": False, "test/x.npy": False}
    assert distant(folder, mounts=tmp_path / "none") is False
