"""The kit with an image in the place of a program."""

import signal

import numpy as np
import pytest

from kindred import testing
from kindred.testing import Channel, Container, Job
from kit.blobs import blobs

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def job(**asked: object) -> Job:
    channel = Channel(objects=testing.csv(blobs(3, d=4).rows), content_type="text/csv;label_size=0")
    return Job(channels={"train": channel}, hyperparameters={"k": 3, **asked}, checkpoints="s3://a-bucket/")


def test_an_image_trains_and_serves(image, tmp_path):
    program = Container(image=image)
    ended = testing.train(program, job(), tmp_path / "ml", timeout_s=120)
    assert (ended.status, ended.failure) == (0, None), ended.log
    assert ended.figures(r"train:msd=(\S+)")[-1] < 0.01
    with testing.serving(program, tmp_path / "ml") as endpoint:
        answer = endpoint.invoke(
            testing.csv(blobs(3, d=4).rows[:5])["part-0.csv"], content_type="text/csv", accept="text/csv"
        )
    numbers = np.array([line.split(b",")[0] for line in answer.body.splitlines()], dtype=float)
    labels = blobs(3, d=4).labels[:5]
    assert answer.status == 200
    assert len({*zip(numbers, labels, strict=True)}) == len(set(labels))


def test_a_container_is_told_to_end(image, tmp_path):
    program, asked = Container(image=image), job()
    with testing.training(program, asked, testing.lay_out(asked, tmp_path, inside=program.inside(tmp_path))) as running:
        running.send_signal(signal.SIGKILL)
        running.popen.wait(30)
    assert running.poll() == 137


def test_a_mistake_is_read_from_outside(image, tmp_path):
    ended = testing.train(Container(image=image), job(kk=3), tmp_path, timeout_s=120)
    assert ended.status == 1
    assert ended.reason.startswith("ClientError: hyperparameter 'kk' is unknown")
