"""Training k-means as the built-in does, and what it leaves (contract lines 46, 51, 54, 76, 77, 80, 162, 163)."""

import csv as csv_module
import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from algorithms.kmeans_jobs import Given, csv, record_set, trained
from kindred.algorithms import kmeans
from kindred.codecs import npy
from kindred.contract.training.metrics import lines
from kindred.errors import UserError
from kit import doors, opt_ml, real_train
from kit.blobs import blobs

BLOBS = blobs(6, each=80)
TRAIN = {"train": record_set(BLOBS.rows)}
INDICES = ("silhouette", "calinski_harabasz", "davies_bouldin", "bic")


def named(channel, figures):
    return [f"{channel}:{figure}" for figure in figures]


def recovered(centroids, made=BLOBS):
    """The blob of each centroid; every one is near the mean of a blob's rows."""
    means = np.stack([made.rows[made.labels == label].mean(axis=0) for label in range(len(made.centres))])
    apart = np.linalg.norm(centroids[:, None] - means, axis=2)
    assert (apart.min(axis=1) < 0.003).all()
    return apart.argmin(axis=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("made") / "job", TRAIN, k=6, feature_dim=8, force_dense=True)


def test_blobs_are_recovered_from_what_the_sdk_uploads(made):
    """[162] no content type, a manifest beside the objects"""
    assert sorted(recovered(made.centroids)) == list(range(6))
    assert made.sizes == [80] * 6
    assert made.centroids.dtype == np.float32


def test_the_distances_reported_are_those_of_the_model(made):
    nearest = np.linalg.norm(BLOBS.rows[:, None] - made.centroids, axis=2).min(axis=1)
    assert made.outcome.metrics["train:msd"] == pytest.approx(np.mean(nearest**2), rel=1e-5)
    assert set(made.outcome.metrics) == {"train:msd", *named("train", INDICES)}
    assert 0.8 < made.outcome.metrics["train:silhouette"] <= 1


def test_the_manifest_says_how_it_came_about(made):
    told = made.manifest
    assert (told.algorithm, told.seed) == ("kmeans", 0)
    assert told.facts == {"k": 6, "feature_dim": 8, "rows": 480}
    assert (told.hyperparameters["k"], told.hyperparameters["eval_metrics"]) == (6, ["msd"])
    assert told.metrics == made.outcome.metrics
    assert told.notes == list(made.outcome.notes)
    assert "60 centres, of which the best of 10 trials made 6" in told.notes[0]
    assert set(told.versions) >= {"kindred", "numpy", "scikit-learn"}
    assert len(told.fingerprint) == 64


def test_the_table_of_clusters_is_whole(made):
    with (made.base / "output" / "clusters.csv").open() as file:
        rows = list(csv_module.DictReader(file))
    assert [int(row["cluster"]) for row in rows] == list(range(6))
    assert [int(row["size"]) for row in rows] == [80] * 6
    assert np.mean([float(row["msd"]) for row in rows]) == pytest.approx(made.outcome.metrics["train:msd"], rel=1e-5)
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "asked",
    [
        {"init_method": "kmeans++"},
        {"local_lloyd_init_method": "random", "local_lloyd_num_trials": 30},
        {"extra_center_factor": 4, "epochs": 3, "mini_batch_size": 50},
        {"extra_center_factor": 1, "init_method": "kmeans++"},
        {"extra_center_factor": 1000},
        {"half_life_time_size": 200, "mini_batch_size": 40, "epochs": 2},
        {"refine_passes": 0, "epochs": 5},
        {"mini_batch_size": 100_000},
    ],
    ids=str,
)
def test_blobs_are_recovered_however_it_is_told_to_go(tmp_path, asked):
    """[159] [163]"""
    found = trained(tmp_path / "job", TRAIN, k=6, seed=3, **asked).centroids
    means = np.linalg.norm(found[:, None] - BLOBS.centres, axis=2)
    assert sorted(means.argmin(axis=1)) == list(range(6))
    assert means.min(axis=1).max() < 0.03


def test_where_the_old_count_less_no_pass_over_all_rows_undoes_it(tmp_path):
    notes = [
        trained(tmp_path / str(half_life), TRAIN, k=6, half_life_time_size=half_life).outcome.notes
        for half_life in (0, 100)
    ]
    assert ["passes over all rows" in note[-1] for note in notes] == [True, False]


def test_refining_lowers_the_distance(tmp_path):
    rows = np.random.default_rng(0).normal(size=(4000, 6)).astype(np.float32)
    channels = {"train": {"a.npy": npy.encode(rows)}}
    rough, fine = (
        trained(tmp_path / str(passes), channels, k=20, refine_passes=passes).outcome.metrics["train:msd"]
        for passes in (0, 10)
    )
    assert fine < rough


def test_the_test_channel_is_measured_after_every_epoch_and_at_the_end(tmp_path):
    """[76] [80]"""
    channels = {**TRAIN, "test": {"a.csv": csv(BLOBS.rows[:100])}}
    made = trained(tmp_path / "job", channels, k=6, epochs=3, eval_metrics='["ssd", "msd"]')
    every = ["msd", "ssd", *INDICES]
    all_names = {*named("train", every), *named("test", every)}
    assert set(made.outcome.metrics) == all_names == {metric.name for metric in kmeans.METRICS}
    assert [name for name, _ in made.reported] == named("test", every) * 3
    figures = made.outcome.metrics
    assert figures["test:ssd"] == pytest.approx(100 * figures["test:msd"])
    nearest = np.linalg.norm(BLOBS.rows[:100, None] - made.centroids, axis=2).min(axis=1)
    assert figures["test:msd"] == pytest.approx(np.mean(nearest**2), rel=1e-5)


def test_measuring_changes_nothing(tmp_path):
    bare = trained(tmp_path / "bare", TRAIN, k=6, epochs=2)
    measured = trained(tmp_path / "measured", {**TRAIN, "test": TRAIN["train"]}, k=6, epochs=2, eval_metrics="ssd")
    assert bare.files()["arrays.safetensors"] == measured.files()["arrays.safetensors"]


def test_the_built_ins_lines_of_progress(tmp_path, caplog):
    """[77]"""
    with caplog.at_level(logging.INFO, logger="kindred"):
        trained(tmp_path / "job", TRAIN, k=6, epochs=2)
    log = "\n".join(caplog.messages)
    assert re.findall(r"#progress_metric: host=algo-1, completed (\S+) % of epochs", log) == ["50.0", "100.0"]
    rates = re.findall(r"#throughput_metric: host=algo-1, train throughput=([0-9.e+]+) records/second", log)
    assert len(rates) == 2
    assert all(float(rate) > 0 for rate in rates)


def test_the_built_ins_own_definitions_find_the_metrics():
    """[76] what sagemaker.KMeans defines for its tuner"""
    for channel, measure in (("train", "msd"), ("test", "msd"), ("test", "ssd")):
        log = "\n".join(lines(f"{channel}:{measure}", 0.064, host="algo-1"))
        assert re.search(rf"#quality_metric: host=\S+, {channel} {measure} <loss>=(\S+)", log)[1] == "0.064"


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_data_and_seed_give_the_same_bytes(made, tmp_path, threads):
    """[65]"""
    again = trained(tmp_path / "job", TRAIN, Given(threads=threads), k=6, feature_dim=8, force_dense=True)
    assert again.files() == made.files()


def test_another_seed_gives_another_model(tmp_path):
    rows = np.random.default_rng(0).normal(size=(500, 4)).astype(np.float32)
    channels = {"train": {"a.npy": npy.encode(rows)}}
    one, two = (trained(tmp_path / str(seed), channels, k=9, seed=seed).centroids for seed in (0, 1))
    assert one.tobytes() != two.tobytes()


def test_every_format_gives_the_same_model(made, tmp_path):
    """[29] [48] dense = sparse, given a type or none or a wrong one"""
    sparse = "".join(
        json.dumps({"data": {"features": {"keys": list(range(8)), "shape": [8], "values": list(map(float, row))}}})
        + "\n"
        for row in BLOBS.rows
    )
    forms = {
        "csv": (csv(BLOBS.rows), "text/csv"),
        "npy": (npy.encode(BLOBS.rows), "application/x-recordio-protobuf"),
        "sparse": (sparse.encode(), None),
        "recordio": (record_set(BLOBS.rows, files=1)["matrix_0.pbr"], "text/csv;label_size=0"),
    }
    for name, (content, said) in forms.items():
        given = Given(content_types={"train": said} if said else {})
        found = trained(tmp_path / name, {"train": {"data": content}}, given, k=6)
        assert found.centroids.tobytes() == made.centroids.tobytes(), name
        assert found.manifest.fingerprint == made.manifest.fingerprint


def test_labels_are_left_out_as_the_content_type_says(made, tmp_path):
    """[47]"""
    labelled = np.column_stack([BLOBS.labels, BLOBS.rows])
    given = Given(content_types={"train": "text/csv; Label_Size=1"})
    assert trained(tmp_path / "said", {"train": {"a": csv(labelled)}}, given, k=6).centroids.shape == (6, 8)
    bare = Given(content_types={"train": "text/csv"})
    built_in = trained(tmp_path / "dim", {"train": {"a": csv(labelled)}}, bare, k=6, feature_dim=8)
    assert built_in.centroids.tobytes() == made.centroids.tobytes()
    assert "taken for a label" in built_in.outcome.notes[0]


def test_empty_shards_and_an_empty_test_channel_are_no_matter(tmp_path):
    """[46]"""
    channels = {"train": {**TRAIN["train"], "matrix_2.pbr": b""}, "test": {"matrix_0.pbr": b""}}
    assert set(trained(tmp_path / "job", channels, k=6).outcome.metrics) == {"train:msd", *named("train", INDICES)}


def test_k_auto_finds_the_blobs_and_says_why(tmp_path):
    made = trained(tmp_path / "job", TRAIN, k="auto")
    assert sorted(recovered(made.centroids)) == list(range(6))
    assert re.search(r"k=auto took 6 of 2 to 64: .*silhouette; the best were 6 \(0\.\d+\), ", made.outcome.notes[0])


def test_k_auto_of_a_single_row_is_one(tmp_path):
    made = trained(tmp_path / "job", {"train": {"a.csv": b"1,2\n"}}, k="auto")
    assert made.centroids.tolist() == [[1, 2]]
    assert "too few rows" in made.outcome.notes[0]


def test_as_many_clusters_as_rows_that_differ(tmp_path):
    made = trained(tmp_path / "job", {"train": {"a.csv": b"1,2\n1,2\n3,4\n5,6\n"}}, k=3)
    assert sorted(made.centroids.tolist()) == [[1, 2], [3, 4], [5, 6]]
    assert sorted(made.sizes) == [1, 1, 2]
    assert made.outcome.metrics["train:msd"] == 0


REFUSED = [
    ({"a.csv": b"1,2\n3,4\n"}, {"k": 3}, "k is 3, but the channel 'train' holds 2 rows"),
    ({"a.csv": b"1,2\n1,2\n1,2\n"}, {"k": 2}, "holds only 1 rows that differ"),
    ({"a.csv": b""}, {"k": 1}, "the channel 'train' holds no rows"),
    (
        {"a.csv": b"1,2\n"},
        {"k": 1, "feature_dim": 3},
        "a.csv: the rows have 2 numbers; expected 3, as feature_dim says",
    ),
    ({"a.csv": b"x,y\n1,2\n"}, {"k": 1}, "a.csv:1: the line is a header"),
    ({"a.csv": b"1,2\n3\n"}, {"k": 1}, "a.csv:2: the line has 1 cells"),
    ({"a.csv": b"1,nan\n"}, {"k": 1}, "a.csv:1, cell 2: 'nan' is no finite number"),
]


@pytest.mark.parametrize(("files", "asked", "told"), REFUSED, ids=[told for _, _, told in REFUSED])
def test_what_cannot_be_clustered_is_refused_and_leaves_no_model(tmp_path, files, asked, told):
    """[51] [161]"""
    with pytest.raises(UserError) as caught:
        trained(tmp_path / "job", {"train": files}, **asked)
    assert told in str(caught.value)
    assert list((tmp_path / "job" / "model").iterdir()) == []


def test_a_test_channel_of_another_width_is_refused(tmp_path):
    with pytest.raises(UserError, match="b: the rows have 2 numbers; expected 8, as the channel 'train' has"):
        trained(tmp_path / "job", {**TRAIN, "test": {"b": b"1,2\n"}}, k=6)


def test_a_label_size_that_is_none_is_refused(tmp_path):
    given = Given(content_types={"train": "text/csv;label_size=one"})
    with pytest.raises(UserError, match="label_size is 'one' in the content type of the channel 'train'"):
        trained(tmp_path / "job", TRAIN, given, k=6)


@pytest.mark.parametrize("asked", [{"k": 6}, {"k": "auto"}, {"k": 6, "extra_center_factor": 1}], ids=str)
def test_a_job_told_to_stop_leaves_a_whole_model(tmp_path, asked):
    """[54]"""
    made = trained(tmp_path / "job", TRAIN, Given(stop=threading.Event.set), epochs=1000, **asked)
    assert made.centroids.shape[1] == 8
    assert np.isfinite(made.centroids).all()
    assert made.outcome.metrics == {}
    assert "asked to stop" in made.outcome.notes[-1]


def test_a_job_told_to_stop_on_its_way_ends_at_once(tmp_path):
    timer = []

    def soon(stop):
        timer.append(threading.Timer(0.5, stop.set))
        timer[0].start()

    made = trained(tmp_path / "job", TRAIN, Given(stop=soon), k=6, epochs=1_000_000, mini_batch_size=50)
    assert sorted(recovered_roughly(made.centroids)) == list(range(6))


def recovered_roughly(centroids):
    return np.linalg.norm(centroids[:, None] - BLOBS.centres, axis=2).argmin(axis=1)


def test_large_and_small_shards_are_one_set_of_rows(tmp_path, monkeypatch):
    whole = trained(tmp_path / "whole", TRAIN, k=6)
    monkeypatch.setattr("kindred.data.vectors_spool.SHARD_BYTES", 1)
    many = trained(tmp_path / "many", {"train": record_set(BLOBS.rows, files=10)}, k=6)
    np.testing.assert_allclose(many.centroids, whole.centroids, atol=1e-6)


@pytest.mark.slow
def test_the_real_train_takes_a_record_set_and_reports_as_the_built_in(tmp_path):
    """[76] [77] [162]"""
    channels = {"train": record_set(BLOBS.rows), "test": record_set(BLOBS.rows[:60], files=1)}
    ended = real_train.train(tmp_path / "ml", channels, k="6", feature_dim="8", force_dense="True")
    assert (ended.status, ended.failure) == (0, None)
    found = re.findall(r"#quality_metric: host=\S+, (\S+ msd) <loss>=(\S+)", ended.log)
    assert [name for name, _ in found] == ["test msd", "train msd", "test msd"]
    assert "#progress_metric: host=localhost, completed 100.0 % of epochs" in ended.log
    assert len(re.findall(r'#metrics {"StartTime": .*"test:msd": ', ended.log)) == 1
    left = json.loads((tmp_path / "ml" / "output" / "data" / "metrics.json").read_text())
    assert set(left) == {*named("test", ["msd", *INDICES]), *named("train", ["msd", *INDICES])}


@pytest.mark.slow
def test_sigterm_leaves_a_model_within_seconds(tmp_path):
    """[53] [54]"""
    base = tmp_path / "ml"
    opt_ml.lay_out(base, channels=TRAIN, hyperparameters={"k": "6", "epochs": "10000000", "mini_batch_size": "100"})
    process = subprocess.Popen(
        [sys.executable, "-m", "kindred.entry", "train"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("#progress_metric"):
            break
    process.send_signal(signal.SIGTERM)
    ended = doors.ended(process, base)
    assert (ended.status, ended.failure) == (0, None)
    assert "asked to stop" in ended.log
    assert sorted(recovered_roughly(kmeans.load(base / "model").centroids)) == list(range(6))


def test_nested_samples_recover_the_blobs_and_say_what_they_ignore(tmp_path):
    made = trained(tmp_path / "job", TRAIN, k=6, method="nested", extra_center_factor=4)
    again = trained(tmp_path / "again", TRAIN, Given(threads=2), k=6, method="nested", epochs=3)
    assert sorted(recovered(made.centroids)) == list(range(6))
    assert made.centroids.tobytes() == again.centroids.tobytes()
    assert any("epochs, mini_batch_size, extra_center_factor" in note for note in made.manifest.notes)


def test_nested_samples_weigh_no_old_rows(tmp_path):
    with pytest.raises(UserError, match="method is nested, which weighs no old rows, but half_life_time_size asks"):
        trained(tmp_path / "job", TRAIN, k=6, method="nested", half_life_time_size=100)


def test_nested_told_to_stop_leaves_a_model(tmp_path):
    made = trained(tmp_path / "job", TRAIN, Given(stop=lambda stop: stop.set()), k=6, method="nested")
    assert made.centroids.shape == (6, 8)
    assert any("asked to stop" in note for note in made.manifest.notes)
