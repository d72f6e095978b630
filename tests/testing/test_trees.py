"""The kit's /opt/ml: the files that SageMaker writes, and the objects that each host gets."""

import json

import numpy as np
import pytest

from kindred import testing
from kindred.codecs import records, vectors
from kindred.contract import paths
from kindred.contract.training import inputs
from kindred.testing import Channel, Group, Job, tree

FILES = {
    "hyperparameters.json", "inputdataconfig.json", "resourceconfig.json", "init-config.json",
    "metric-definition-regex.json", "trainingjobconfig.json", "upstreamoutputdataconfig.json", "profilerconfig.json",
    "debughookconfig.json",
}  # fmt: skip


def config(laid: testing.Tree, name: str):
    return json.loads((laid.config / name).read_text())


def test_every_file_is_there_and_our_own_door_reads_them(tmp_path):
    """Contract lines 24, 28, 30, 33, 34."""
    channel = Channel(objects={"a/b.csv": b"1\n"}, content_type="text/csv", input_mode="FastFile")
    job = Job(hyperparameters={"k": 3, "on": True}, channels={"train": channel}, hosts=("algo-2", "algo-1"))
    plain = testing.lay_out(job, tmp_path / "plain")
    assert {file.name for file in plain.config.iterdir()} == FILES
    assert not plain.checkpoints.exists()
    assert config(plain, "hyperparameters.json") == {"k": "3", "on": "True"}
    assert config(plain, "inputdataconfig.json")["train"]["TrainingInputMode"] == "File"
    read = inputs.read(paths.under(plain.base))
    assert (read.host, read.hosts, read.checkpoints) == ("algo-2", ("algo-1", "algo-2"), None)
    assert read.channels["train"].content_type == "text/csv"


def test_checkpoints_lie_where_the_program_finds_them(tmp_path):
    """Contract line 34."""
    laid = testing.lay_out(Job(checkpoints="s3://b/c/"), tmp_path)
    assert config(laid, "checkpointconfig.json") == {"S3Uri": "s3://b/c/", "LocalPath": str(laid.checkpoints)}
    assert laid.checkpoints.is_dir()
    inside = testing.lay_out(Job(checkpoints="s3://b/c/"), tmp_path / "box", inside="/elsewhere")
    assert config(inside, "checkpointconfig.json")["LocalPath"] == "/elsewhere/checkpoints"


def test_a_file_can_be_taken_away_or_made_strange(tmp_path):
    laid = testing.lay_out(Job(files={"inputdataconfig.json": None, "resourceconfig.json": []}), tmp_path)
    assert not (laid.config / "inputdataconfig.json").exists()
    assert config(laid, "resourceconfig.json") == []


def test_a_sharded_channel_is_shared_out_and_a_host_may_get_nothing(tmp_path):
    """Contract line 46."""
    objects = {"a.csv": b"1", "b.csv": b"2"}
    channels = {"train": Channel(objects=objects, distribution="ShardedByS3Key"), "test": Channel(objects=objects)}
    job = Job(channels=channels, hosts=("h1", "h2", "h3"))
    got = {host: testing.folder(testing.lay_out(job, tmp_path / host, host=host).data) for host in job.hosts}
    whole = {"test/a.csv": b"1", "test/b.csv": b"2"}
    assert got == {"h1": {**whole, "train/a.csv": b"1"}, "h2": {**whole, "train/b.csv": b"2"}, "h3": whole}
    assert (tmp_path / "h3" / "input" / "data" / "train").is_dir()


def test_a_channel_of_some_groups_is_shared_out_among_their_hosts_alone():
    objects = {f"{n}.csv": b"" for n in range(5)}
    channel = Channel(objects=objects, distribution="ShardedByS3Key", groups=("cpu",))
    groups = (Group(name="cpu", hosts=("h1", "h3")), Group(name="gpu", hosts=("h2",)))
    job = Job(hosts=("h1", "h2", "h3"), groups=groups, channels={"train": channel})
    assert [sorted(job.objects_of(host, channel)) for host in ("h1", "h3")] == [
        ["0.csv", "2.csv", "4.csv"], ["1.csv", "3.csv"],
    ]  # fmt: skip


def test_instance_groups(tmp_path):
    """Contract line 50."""
    groups = (Group(name="cpu", hosts=("h1",), instance_type="ml.c5.large"), Group(name="gpu", hosts=("h2",)))
    channels = {"train": Channel(groups=("cpu",)), "test": Channel()}
    job = Job(hosts=("h1", "h2"), groups=groups, channels=channels)
    first, second = (testing.lay_out(job, tmp_path / host, host=host) for host in job.hosts)
    assert config(first, "resourceconfig.json")["current_instance_type"] == "ml.c5.large"
    assert config(second, "resourceconfig.json")["current_group_name"] == "gpu"
    assert sorted(config(first, "inputdataconfig.json")) == ["test", "train"]
    assert sorted(config(second, "inputdataconfig.json")) == ["test"]


READERS = {
    testing.csv: lambda content: vectors.from_csv(content.decode()),
    testing.npy: vectors.from_npy,
    testing.records: lambda content: records.decode(content).rows,
}


@pytest.mark.parametrize("made", READERS)
def test_arrays_come_back_as_they_went(made):
    """Our own readers, which share no code with the kit, read what it writes."""
    rows = np.random.default_rng(0).normal(size=(7, 40)).astype(np.float32)
    parts = [READERS[made](content) for content in made(rows, parts=2).values()]
    assert [len(part) for part in parts] == [3, 4]
    np.testing.assert_array_equal(np.concatenate(parts), rows)


def test_digests_tell_names_and_contents_apart(tmp_path):
    trees = {"a": {"x": b"1"}, "b": {"x": b"1"}, "c": {"y": b"1"}, "d": {"x": b"2"}}
    for name, files in trees.items():
        tree.write(files, tmp_path / name)
    digests = {name: testing.digest(tmp_path / name) for name in trees}
    assert digests["a"] == digests["b"]
    assert len(set(digests.values())) == 3
