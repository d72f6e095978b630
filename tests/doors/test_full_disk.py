"""The real `train` on disks that are full where it writes: the sentence says what to do, and nothing half is left."""

from pathlib import Path

import numpy as np
import pytest

from kindred import testing
from kindred.testing import Channel, Job
from kit.real_train import KINDRED, SAMPLE

pytestmark = pytest.mark.slow

SMALL = 2**13
"""Bytes: no model of these jobs, no report and no checkpoint fits."""


def kmeans() -> Job:
    rows = np.random.default_rng(0).normal(size=(2000, 32)).astype(np.float32)
    channel = Channel(objects=testing.npy(rows))
    return Job(channels={"train": channel}, hyperparameters={"k": 100}, checkpoints="s3://a-bucket/")


def recommender() -> Job:
    channels = {name: Channel(objects=testing.folder(SAMPLE / name)) for name in ("interactions", "items")}
    return Job(channels=channels, checkpoints="s3://a-bucket/")


@pytest.fixture(params=[kmeans, recommender])
def job(request) -> Job:
    return request.param()


def full(job: Job, base: Path, folder: str) -> testing.Ended:
    """Train with a tiny disk at `folder` of the tree, and say how it was before that goes."""
    tree = testing.lay_out(job, base)
    try:
        with testing.small(base / folder, size_bytes=SMALL), testing.training(KINDRED, job, tree) as running:
            ended = testing.ended(running, tree)
            assert not any(path.is_file() for path in tree.model.rglob("*")) or ended.status == 0
            return ended
    except testing.CannotMount as refused:
        pytest.skip(f"no disk can be mounted: {refused}")


def test_no_room_for_the_model(job, tmp_path):
    """[72, 192, 199]"""
    ended = full(job, tmp_path, "model")
    assert ended.status == 1
    assert ended.failure.startswith("ClientError: The disk is full")
    assert "VolumeSizeInGB" in ended.failure.splitlines()[0]


def test_no_room_for_a_checkpoint_is_no_failure(job, tmp_path):
    """[56] what cannot be kept is told of, and training goes on"""
    ended = full(job, tmp_path, "checkpoints")
    assert (ended.status, ended.failure) == (0, None), ended.log
    assert (ended.tree.model / "manifest.json").is_file()
    assert "no checkpoint can be kept" in ended.log
