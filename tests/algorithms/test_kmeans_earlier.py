"""k-means that goes on from an earlier model: ours, or the built-in's (contract lines 49, 69)."""

import io
import struct
import tarfile

import numpy as np
import pytest

from algorithms.kmeans_jobs import Given, csv, trained
from kindred.artefact import shelf
from kindred.codecs import npy
from kindred.errors import UserError
from kit import real_train
from kit.blobs import blobs

BLOBS = blobs(6, each=80)
OLD = {"train": {"a.npy": npy.encode(BLOBS.rows)}}
NEW_ROWS = BLOBS.rows[BLOBS.labels == 0][:40] + np.float32(0.5)
NEW = {"a.npy": npy.encode(NEW_ROWS)}


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("old") / "job", OLD, k=6)


def built_in(centroids):
    """model_algo-1 as MXNet writes it: a list of one nameless array of version 2."""
    rows, width = centroids.shape
    head = struct.pack("<QQQIiIqqiii", 0x112, 0, 1, 0xF993FAC9, 0, 2, rows, width, 1, 0, 0)
    return head + centroids.astype("<f4").tobytes() + struct.pack("<Q", 0)


def nearest(centroids, points):
    return np.linalg.norm(points[:, None] - centroids, axis=2).argmin(axis=1)


@pytest.mark.parametrize("k", [6, "auto"])
@pytest.mark.parametrize("nested", ["", "a-job/output/model/"])
def test_new_rows_move_the_old_centres_by_their_share(old, tmp_path, k, nested):
    """[49] the mean of the old rows and the new, of the cluster that the new are in; the others rest"""
    model = {nested + name: content for name, content in old.files().items()}
    made = trained(tmp_path / "job", {"train": NEW, "model": model}, k=k)
    (number,) = set(nearest(old.centroids, NEW_ROWS))
    members = BLOBS.rows[nearest(old.centroids, BLOBS.rows) == number]
    expected = old.centroids.copy()
    expected[number] = np.concatenate([members, NEW_ROWS]).mean(axis=0)
    np.testing.assert_allclose(made.centroids, expected, atol=1e-5)
    assert "stand for the 480 rows it has seen" in made.outcome.notes[0]
    assert made.sizes[number] == 40
    assert made.manifest.facts == {"k": 6, "feature_dim": 8, "rows": 40}


def test_in_two_steps_or_in_one_the_rows_count_the_same(old, tmp_path):
    """[49] a model of a model knows the rows of both"""
    half = trained(tmp_path / "half", {"train": {"a.csv": csv(NEW_ROWS[:20])}, "model": old.files()}, k=6)
    assert shelf.open(half.base / "model").arrays["weights"].sum() == 500
    two = trained(tmp_path / "two", {"train": {"a.csv": csv(NEW_ROWS[20:])}, "model": half.files()}, k=6)
    one = trained(tmp_path / "one", {"train": NEW, "model": old.files()}, k=6)
    np.testing.assert_allclose(two.centroids, one.centroids, atol=1e-5)


def test_the_built_ins_model_is_a_start(old, tmp_path):
    """[49] [69] it does not say of how many rows: as many as there are now, each centre the same share"""
    model = {"model_algo-1": built_in(old.centroids)}
    made = trained(tmp_path / "job", {"train": NEW, "model": model}, k=6)
    (number,) = set(nearest(old.centroids, NEW_ROWS))
    expected = old.centroids.copy()
    share = 40 / (40 + 40 / 6)
    expected[number] += share * (NEW_ROWS.mean(axis=0) - old.centroids[number])
    np.testing.assert_allclose(made.centroids, expected, atol=1e-5)
    assert "stand for 40 rows, as many as there are now" in made.outcome.notes[0]


def test_the_same_start_gives_the_same_bytes(old, tmp_path):
    """[65]"""
    one, two = (trained(tmp_path / name, {"train": NEW, "model": old.files()}, k=6).files() for name in ("1", "2"))
    assert one == two


def refused(old, tmp_path, model=None, rows=NEW, **asked):
    with pytest.raises(UserError) as caught:
        trained(tmp_path / "job", {"train": rows, "model": old.files() if model is None else model}, **asked)
    assert list((tmp_path / "job" / "model").iterdir()) == []
    return str(caught.value)


def test_another_k_is_refused_with_both_numbers(old, tmp_path):
    """[49]"""
    told = refused(old, tmp_path, k=8)
    assert told == (
        "k is 8, but the model in the channel 'model' has 6 clusters; set k to 6 or to auto, or leave the channel out"
    )


def test_another_width_is_refused_with_both_numbers(old, tmp_path):
    """[49]"""
    told = refused(old, tmp_path, rows={"a.csv": b"1,2\n3,4\n"}, k=6)
    assert "the channel 'train' have 2 numbers, and those of the model in the channel 'model' 8" in told


def lists(*arrays):
    return struct.pack("<QQQ", 0x112, 0, len(arrays)) + b"".join(arrays) + struct.pack("<Q", 0)


NO_MODELS = {
    "nothing": ({}, "holds no model of k-means: expected manifest.json and its arrays, or one model_algo-1"),
    "something": ({"weights.h5": b"x"}, "found weights.h5"),
    "several": ({"model_algo-1": b"x", "model_algo-2": b"x"}, "found model_algo-1, model_algo-2"),
    "no list": ({"model_algo-1": b"x" * 99}, "model_algo-1: the file is no list of NDArrays"),
    "no array": ({"model_algo-1": lists()}, "model_algo-1: the model of k-means is one matrix"),
    "not finite": ({"model_algo-1": built_in(np.full((6, 8), np.nan))}, "model_algo-1: the centroids hold what is no"),
    "too large": ({"model_algo-1": built_in(np.full((6, 8), 1e30))}, "beyond 1e+18"),
}


@pytest.mark.parametrize("case", NO_MODELS)
def test_what_is_no_model_of_k_means_is_refused(old, tmp_path, case):
    """[49] [69]"""
    model, told = NO_MODELS[case]
    assert told in refused(old, tmp_path, model, k=6)


def test_a_damaged_artefact_is_refused(old, tmp_path):
    """[69]"""
    model = old.files()
    arrays = bytearray(model["arrays.safetensors"])
    arrays[-1] ^= 1
    assert "SHA-256 differs" in refused(old, tmp_path, {**model, "arrays.safetensors": bytes(arrays)}, k=6)


def test_a_stopped_model_is_a_start_too(tmp_path):
    """[54] it has no sizes, but says of how many rows it is"""
    stopped = trained(tmp_path / "stopped", OLD, Given(stop=lambda stop: stop.set()), k=6)
    made = trained(tmp_path / "job", {"train": NEW, "model": stopped.files()}, k=6)
    assert "stand for the 480 rows it has seen" in made.outcome.notes[0]


@pytest.mark.slow
def test_the_real_train_goes_on_from_a_tarball(old, tmp_path):
    """[49]"""
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as tar:
        tar.add(old.base / "model", arcname=".")
    channels = {"train": NEW, "model": {"a-job/output/model.tar.gz": body.getvalue()}}
    ended = real_train.train(tmp_path / "ml", channels, k="auto", algorithm="kmeans")
    assert (ended.status, ended.failure) == (0, None), ended.log
    assert "the 6 centres of the channel 'model' are where the mini-batches began" in ended.log
