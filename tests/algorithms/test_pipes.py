"""Training through pipes, by the real `train` (contract lines 41 to 45)."""

import gzip
import os
import subprocess
import sys

import numpy as np
import pytest

from kindred.algorithms import kmeans
from kindred.codecs import npy, records
from kit import doors, fifos, opt_ml, real_train
from kit.blobs import blobs

FOUND = blobs(3, d=4)
HALVES = np.array_split(FOUND.rows, 2)
PIPE = {"TrainingInputMode": "Pipe"}


def csv(rows):
    return "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows).encode()


def started(base, channels, files=None, **hyperparameters):
    """The tree at `base` with these channels in inputdataconfig.json, and `train` begun on it."""
    opt_ml.lay_out(base, channels=files or {}, inputdataconfig=channels, hyperparameters=hyperparameters)
    return subprocess.Popen(
        [sys.executable, "-m", "kindred.entry", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def clustered(base, objects, *, channel=None, wrapped=False, **hyperparameters):
    """Train on one pipe of these objects; how it ended, and the centres where it did so well."""
    said = {**PIPE, **(channel or {}), **({"RecordWrapperType": "RecordIO"} if wrapped else {})}
    process = started(base, {"train": said}, k="3", epochs="3", **hyperparameters)
    fifos.fed(base / "input" / "data", {"train": objects}, wrapped=wrapped, late_s=0.2)
    ended = doors.ended(process, base)
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
    ended, centroids = clustered(tmp_path / "ml", objects, wrapped=wrapped)
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
    said = {"RecordWrapperType": "RecordIO", "ContentType": "application/x-recordio-protobuf"}
    ended, centroids = clustered(tmp_path / "ml", [records.encode_features(FOUND.rows)], channel=said)
    assert ended.status == 0, ended.log
    assert centroids.tolist() == by_file.tolist()


@pytest.mark.slow
def test_a_feeder_may_take_its_channels_in_any_order(tmp_path):
    """[41] channels are independent: more of `test` than a pipe holds comes before `train`"""
    base = tmp_path / "ml"
    process = started(base, {"train": PIPE, "test": PIPE}, k="3")
    while not (base / "input" / "data").is_dir():
        pass
    fifos.in_turn(base / "input" / "data", {"test": [csv(FOUND.rows)] * 20, "train": [csv(FOUND.rows)]})
    ended = doors.ended(process, base)
    assert ended.status == 0, ended.log
    assert "test:msd=" in ended.log


@pytest.mark.slow
def test_one_channel_through_a_pipe_and_one_as_a_folder(tmp_path):
    """[44]"""
    base = tmp_path / "ml"
    process = started(base, {"train": {}, "test": PIPE}, {"train": {"a.csv": csv(FOUND.rows)}}, k="3")
    fifos.fed(base / "input" / "data", {"test": [csv(FOUND.rows[:, :3])]})
    ended = doors.ended(process, base)
    assert ended.status == 1
    assert "test': the rows have 3 numbers; expected 4, as the channel 'train' has" in ended.failure


@pytest.mark.slow
@pytest.mark.parametrize("wrapped", [False, True])
def test_the_recommender_reads_tables_through_pipes(tmp_path, wrapped):
    """[41] [42] [43] objects in parts, each with a header, without line ends; the same model as from folders"""
    sample = real_train.sample_channels()
    header, *rows = sample["interactions"]["views.csv"].rstrip().split(b"\n")
    parts = [b"\n".join([header, *rows[begin::3]]) for begin in range(3)]
    base = tmp_path / "pipe"
    said = {**PIPE, **({"RecordWrapperType": "RecordIO"} if wrapped else {})}
    process = started(base, {"interactions": said, "items": said})
    objects = {"interactions": parts, "items": list(sample["items"].values())}
    fifos.fed(base / "input" / "data", objects, wrapped=wrapped)
    ended = doors.ended(process, base)
    assert ended.status == 0, ended.log
    assert real_train.train(tmp_path / "file", sample).status == 0
    fingerprints = [_fingerprint(folder / "model") for folder in (base, tmp_path / "file")]
    assert fingerprints[0] == fingerprints[1]


@pytest.mark.slow
@pytest.mark.parametrize(("k", "named"), [("3", "kmeans"), (None, "recommender")])
def test_a_lone_pipe_is_for_the_algorithm_whose_hyperparameters_are_given(tmp_path, k, named):
    """[41] a pipe cannot be looked into without losing what was seen"""
    base = tmp_path / "ml"
    process = started(base, {"train": PIPE}, **({"k": k} if k else {}))
    fifos.fed(base / "input" / "data", {"train": [csv(FOUND.rows)]})
    assert f"trains {named}" in doors.ended(process, base).log


def _fingerprint(model):
    from kindred.artefact import shelf

    return shelf.open(model).manifest.fingerprint
