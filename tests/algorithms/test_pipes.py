"""Training through pipes, by the real `train` (contract lines 41 to 45)."""

import gzip
import os
import threading

import numpy as np
import pytest

from kindred import testing
from kindred.algorithms import kmeans
from kindred.codecs import npy, records
from kindred.testing import Channel, Ended, Job
from kit import real_train
from kit.blobs import blobs
from kit.real_train import KINDRED

FOUND = blobs(3, d=4)
HALVES = np.array_split(FOUND.rows, 2)
TIMEOUT_S = 60


def csv(rows):
    return "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows).encode()


def pipe(objects, **options) -> Channel:
    """A channel in Pipe mode, its objects in this order."""
    return Channel(objects={f"{at:02}": content for at, content in enumerate(objects)}, input_mode="Pipe", **options)


def trained(base, **channels: Channel) -> Ended:
    """How `train` with k-means ended on these channels."""
    job = Job(channels=channels, hyperparameters={"k": 3, "epochs": 3})
    return testing.train(KINDRED, job, base, timeout_s=TIMEOUT_S)


def clustered(base, objects, **options):
    """Train on one pipe of these objects; how it ended, and the centres where it did so well."""
    ended = trained(base, train=pipe(objects, **options))
    return ended, kmeans.load(base / "model").centroids if ended.status == 0 else None


@pytest.fixture(scope="module")
def by_file(tmp_path_factory):
    """The centres of the same rows in File mode."""
    base = tmp_path_factory.mktemp("file") / "ml"
    assert real_train.train(base, {"train": {"a.csv": csv(FOUND.rows)}}, k="3", epochs="3").status == 0
    return kmeans.load(base / "model").centroids


@pytest.mark.slow
@pytest.mark.parametrize(
    ("objects", "wrapped"),
    [
        ([csv(half) for half in HALVES], False),
        ([records.encode_features(half) for half in HALVES], False),
        ([gzip.compress(csv(half)) for half in HALVES], False),
        ([npy.encode(FOUND.rows)], False),
        ([csv(half).rstrip() for half in HALVES], True),
        ([csv(HALVES[0]).rstrip(), gzip.compress(records.encode_features(HALVES[1]))], True),
    ],
    ids=["csv", "recordio", "gzip", "npy", "wrapped csv", "wrapped mixture"],
)
def test_a_pipe_and_a_folder_of_the_same_rows_give_the_same_model(tmp_path, by_file, objects, wrapped):
    """[41] [42] [43] in three epochs, though the pipe is read but once"""
    ended, centroids = clustered(tmp_path / "ml", objects, wrapper="RecordIO" if wrapped else "None")
    assert ended.status == 0, ended.log
    assert centroids.tolist() == by_file.tolist()


@pytest.mark.slow
def test_rows_that_were_glued_are_refused_with_what_to_do(tmp_path):
    """[42] an object without a line end runs into the next"""
    ended, _ = clustered(tmp_path / "ml", [csv(half).rstrip() for half in HALVES])
    assert ended.status == 1
    assert ended.failure.startswith("ClientError: train_0:")
    assert "the line has 7 cells, and the first has 4 (in Pipe mode nothing parts the objects" in ended.failure


@pytest.mark.slow
def test_a_recordio_stream_that_is_said_to_be_wrapped_is_read_as_it_is(tmp_path, by_file):
    """[43] the wrapper adds nothing to what is RecordIO already"""
    base = tmp_path / "ml"
    said = pipe([records.encode_features(FOUND.rows)], content_type="application/x-recordio-protobuf")
    job = Job(channels={"train": said}, hyperparameters={"k": 3, "epochs": 3})
    tree = testing.lay_out(job, base)
    config = tree.config / "inputdataconfig.json"
    config.write_text(config.read_text().replace('"RecordWrapperType": "None"', '"RecordWrapperType": "RecordIO"'))
    with testing.training(KINDRED, job, tree) as running:
        ended = testing.ended(running, tree, timeout_s=TIMEOUT_S)
    centroids = kmeans.load(base / "model").centroids
    assert ended.status == 0, ended.log
    assert centroids.tolist() == by_file.tolist()


@pytest.mark.slow
def test_a_feeder_may_take_its_channels_in_any_order(tmp_path):
    """[41] channels are independent: more of `test` than a pipe holds comes before `train`"""
    job = Job(channels={"train": pipe([]), "test": pipe([])}, hyperparameters={"k": 3})
    tree = testing.lay_out(job, tmp_path / "ml")
    fifos = {name: tree.data / f"{name}_0" for name in job.channels}
    for fifo in fifos.values():
        os.mkfifo(fifo)

    def feed():
        fifos["test"].write_bytes(csv(FOUND.rows) * 20)
        fifos["train"].write_bytes(csv(FOUND.rows))

    threading.Thread(target=feed, daemon=True).start()
    running = KINDRED.start("train", tree.base, environ={})
    ended = testing.ended(running, tree, timeout_s=TIMEOUT_S)
    assert ended.status == 0, ended.log
    assert "test:msd=" in ended.log


@pytest.mark.slow
def test_one_channel_through_a_pipe_and_one_as_a_folder(tmp_path):
    """[44]"""
    rows = Channel(objects={"a.csv": csv(FOUND.rows)})
    ended = trained(tmp_path / "ml", train=rows, test=pipe([csv(FOUND.rows[:, :3])]))
    assert ended.status == 1
    assert "test': the rows have 3 numbers; expected 4, as the channel 'train' has" in ended.failure


@pytest.mark.slow
@pytest.mark.parametrize("wrapped", [False, True])
def test_the_recommender_reads_tables_through_pipes(tmp_path, wrapped):
    """[41] [42] [43] objects in parts, each with a header, without line ends; the same model as from folders"""
    sample = real_train.sample_channels()
    header, *rows = sample["interactions"]["views.csv"].rstrip().split(b"\n")
    parts = [b"\n".join([header, *rows[begin::3]]) for begin in range(3)]
    wrapper = "RecordIO" if wrapped else "None"
    objects = {"interactions": parts, "items": list(sample["items"].values())}
    job = Job(channels={name: pipe(each, wrapper=wrapper) for name, each in objects.items()})
    ended = testing.train(KINDRED, job, tmp_path / "pipe", timeout_s=TIMEOUT_S)
    assert ended.status == 0, ended.log
    assert real_train.train(tmp_path / "file", sample).status == 0
    fingerprints = [_fingerprint(tmp_path / name / "model") for name in ("pipe", "file")]
    assert fingerprints[0] == fingerprints[1]


@pytest.mark.slow
@pytest.mark.parametrize(("k", "named"), [(3, "kmeans"), (None, "recommender")])
def test_a_lone_pipe_is_for_the_algorithm_whose_hyperparameters_are_given(tmp_path, k, named):
    """[41] a pipe cannot be looked into without losing what was seen"""
    job = Job(channels={"train": pipe([csv(FOUND.rows)])}, hyperparameters={"k": k} if k else {})
    assert f"trains {named}" in testing.train(KINDRED, job, tmp_path / "ml", timeout_s=TIMEOUT_S).log


def _fingerprint(model):
    from kindred.artefact import shelf

    return shelf.open(model).manifest.fingerprint
