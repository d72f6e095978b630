"""k-means on several hosts: real processes that talk over TCP, each with its own part of the data."""

import functools
import json
import signal
import sys

import numpy as np
import pytest

from algorithms.kmeans_jobs import csv, record_set
from kindred import testing
from kindred.testing import Channel, Group, Job, Process
from kindred.testing.asking import free_port
from kit import doors, several
from kit.blobs import blobs

ROWS = blobs(6, each=150, d=4, seed=3).rows
TEST = blobs(6, each=20, d=4, seed=4).rows
ASKED = {"k": 6, "mini_batch_size": 100, "epochs": 2, "init_method": "kmeans++", "eval_metrics": '["msd","ssd"]'}


def cut(*ends, test=()):
    """Channels of as many hosts as there are parts; a host whose part is empty has no file, not even a folder."""
    tests = np.split(TEST, test) if test else [()] * (len(ends) + 1)
    return [
        {
            **({"train": record_set(rows, files=2)} if len(rows) else {}),
            **({"test": {"part.csv": csv(part)}} if len(part) else {}),
        }
        for rows, part in zip(np.split(ROWS, ends), tests, strict=True)
    ]


@functools.cache
def alone(base, test=False, **asked):
    """One host with all rows."""
    cluster = several.started(base, cut(test=()) if not test else [{**cut()[0], "test": {"p.csv": csv(TEST)}}], **asked)
    [ended] = cluster.ended()
    assert ended.status == 0, ended.log
    return cluster


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return lambda **asked: alone(tmp_path_factory.getbasetemp() / repr(sorted(asked.items()))[-60:], **asked)


def figures(cluster):
    return json.loads((cluster.bases[0] / "output" / "data" / "metrics.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize("ends", [(400,), (0,), (900,), (300, 300), (0, 500)])
def test_several_hosts_are_one(tmp_path, one, ends):
    """[46, 62] whatever lies where, and with nothing on the first host, the second or the last"""
    cluster = several.started(tmp_path, cut(*ends), **ASKED)
    led, *followed = cluster.ended()
    assert [each.status for each in (led, *followed)] == [0] * (len(ends) + 1), led.log + followed[0].log
    whole = one(**ASKED)
    np.testing.assert_allclose(cluster.centroids(), whole.centroids(), rtol=1e-6, atol=1e-6)
    assert cluster.artefact().arrays["sizes"].tolist() == whole.artefact().arrays["sizes"].tolist()
    assert cluster.artefact().manifest.fingerprint == whole.artefact().manifest.fingerprint
    assert cluster.artefact().manifest.facts == whole.artefact().manifest.facts
    assert figures(cluster) == pytest.approx(figures(whole), rel=1e-6)


@pytest.mark.slow
def test_mini_batches_are_the_same_to_the_bit(tmp_path, one):
    """[46] rows are numbered through the hosts, so that chance draws the same ones; nothing is summed over hosts"""
    asked = {**ASKED, "refine_passes": 0}
    cluster = several.started(tmp_path, cut(300, 700), **asked)
    assert [each.status for each in cluster.ended()] == [0, 0, 0]
    np.testing.assert_array_equal(cluster.centroids(), one(**asked).centroids())


@pytest.mark.slow
@pytest.mark.parametrize("replicated", [(), ("test",)])
def test_the_leader_alone_reports_and_writes(tmp_path, one, replicated):
    """[67, 79] and the channel `test` may be sharded as well, or be the same on every host"""
    parts = cut(500, test=(70,))
    if replicated:
        parts = [{**part, "test": {"part.csv": csv(TEST)}} for part in parts]
    cluster = several.started(tmp_path, parts, replicated=replicated, **ASKED)
    led, followed = cluster.ended()
    assert (led.status, followed.status, followed.failure) == (0, 0, None), led.log + followed.log
    assert figures(cluster) == pytest.approx(figures(one(test=True, **ASKED)), rel=1e-6)
    assert led.log.count("#quality_metric: host=127.0.0.1, test msd <loss>=") == 2 + 1
    assert "loss" not in followed.log
    assert "msd" not in followed.log
    assert "127.0.0.1 500, 127.0.0.2 400" in led.log
    assert list((cluster.bases[1] / "model").iterdir()) == []


@pytest.mark.slow
def test_replicated_data_is_learnt_from_once(tmp_path, one):
    """[62] every host has all rows: one of them trains"""
    parts = [cut()[0], cut()[0]]
    cluster = several.started(tmp_path, parts, replicated=("train",), **ASKED)
    led, followed = cluster.ended()
    assert (led.status, followed.status) == (0, 0)
    assert "trains alone, this one (127.0.0.2) waits for it" in followed.log
    np.testing.assert_array_equal(cluster.centroids(), one(**ASKED).centroids())


@pytest.mark.slow
def test_rows_of_two_widths(tmp_path):
    """[46, 51, 61] both hosts and their files are named, in the failure files of both"""
    parts = [{"train": {"a.csv": b"1,2\n3,4\n"}}, {"train": {"b.csv": b"1,2,3\n"}}]
    led, followed = several.started(tmp_path, parts, k=1).ended()
    assert (led.status, followed.status) == (1, 1)
    told = (
        "the rows on the host 127.0.0.1 have 2 numbers (a.csv), those on the host 127.0.0.2 have 3 (b.csv); "
        "expected rows of one width on all hosts"
    )
    assert led.failure.startswith(f"ClientError: {told}")
    assert followed.failure.startswith(f"ClientError: the host 127.0.0.1 failed: {told}")


@pytest.mark.slow
def test_data_that_cannot_be_read_on_one_host(tmp_path):
    """[51, 61] the leader tells of it, and so does every host"""
    parts = [{"train": {"a.csv": b"1,2\n"}}, {"train": {"b.csv": b"1,2\n1,x\n"}}, {"train": {"c.csv": b"1,2\n"}}]
    led, broken, other = several.started(tmp_path, parts, k=1).ended()
    assert (led.status, broken.status, other.status) == (1, 1, 1)
    assert broken.failure.startswith("ClientError: b.csv:2, cell 2")
    assert led.failure.startswith("ClientError: the host 127.0.0.2 failed: b.csv:2, cell 2")
    assert other.failure.startswith(
        "ClientError: the host 127.0.0.1 failed: the host 127.0.0.2 failed: b.csv:2, cell 2"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"k": 901}, "k is 901, but the channel 'train' holds 900 rows"),
        ({"k": 2, "feature_dim": 5}, "expected 5, as feature_dim says"),
    ],
)
def test_what_fails_on_one_host_fails_on_several(tmp_path, asked, told):
    """[46, 51]"""
    led, followed = several.started(tmp_path, cut(400), **asked).ended()
    assert (led.status, followed.status) == (1, 1)
    assert told in led.failure


@pytest.mark.slow
def test_no_host_has_any_row(tmp_path):
    """[46, 51]"""
    parts = [{"train": {".hidden": b"1"}}, {"train": {".hidden": b"1"}}]
    led, followed = several.started(tmp_path, parts, k=1, algorithm="kmeans").ended()
    assert (led.status, followed.status) == (1, 1)
    assert led.failure.startswith("ClientError: the channel 'train' holds no rows on any host")


@pytest.mark.slow
def test_a_follower_that_is_killed(tmp_path):
    """[61] nobody waits for it"""
    cluster = several.started(tmp_path, cut(300, 600), **{**ASKED, "epochs": 100_000})
    cluster.running[0].await_text("#progress_metric")
    cluster.running[2].popen.kill()
    led, other, _ = cluster.ended()
    assert (led.status, other.status) == (1, 1)
    assert led.failure.startswith("ClientError: the host 127.0.0.3 was lost before the job was done")
    assert other.failure.startswith("ClientError: the host 127.0.0.1 failed: the host 127.0.0.3 was lost")
    assert list((cluster.bases[0] / "model").iterdir()) == []


@pytest.mark.slow
def test_a_leader_that_is_killed(tmp_path):
    """[61]"""
    cluster = several.started(tmp_path, cut(300, 600), **{**ASKED, "epochs": 100_000})
    cluster.running[0].await_text("#progress_metric")
    cluster.running[0].popen.kill()
    _, *others = cluster.ended()
    assert [other.status for other in others] == [1, 1]
    for other in others:
        assert other.failure.startswith("ClientError: the host 127.0.0.1 was lost before the job was done")


@pytest.mark.slow
def test_a_follower_that_never_comes(tmp_path):
    """[61] the leader's patience ends"""
    cluster = several.started(tmp_path, cut(300, 600), **ASKED, KIT_SEARCH_S=3)
    cluster.running[2].popen.send_signal(signal.SIGSTOP)
    led = doors.ended(cluster.running[0], cluster.bases[0])
    cluster.running[2].popen.kill()
    assert led.status == 1
    assert led.failure.startswith("ClientError: the host 127.0.0.3 did not reach the leader within 3 s")
    assert cluster.ended()[1].status == 1


@pytest.mark.slow
def test_a_stop_of_all_hosts_leaves_a_model(tmp_path):
    """[53, 54, 61] and the followers outlive the leader"""
    cluster = several.started(tmp_path, cut(300, 600), **{**ASKED, "epochs": 100_000})
    cluster.running[0].await_text("#progress_metric")
    for running in reversed(cluster.running):
        running.popen.send_signal(signal.SIGTERM)
    led = doors.ended(cluster.running[0], cluster.bases[0])
    assert [running.popen.poll() for running in cluster.running[1:]] == [None, None]
    assert [each.status for each in cluster.ended()] == [0, 0, 0], led.log
    assert cluster.centroids().shape == (6, 4)
    assert [each.failure for each in cluster.ended()] == [None] * 3


@pytest.mark.slow
def test_the_recommender_is_not_led(tmp_path):
    """[62] its data is refused where it is sharded, on every host and at once"""
    parts = [{"interactions": {"a.csv": b"user_id,item_id\na,b\n"}}, {"interactions": {"b.csv": b"user_id,item_id\n"}}]
    led, followed = several.started(tmp_path, parts).ended()
    assert (led.status, followed.status) == (1, 1)
    for each in (led, followed):
        assert each.failure.startswith("ClientError: the data of the channel 'interactions' is sharded over 2 hosts")


@pytest.mark.slow
@pytest.mark.parametrize("without", [0, 2])
def test_a_channel_that_one_instance_group_lacks(tmp_path, without):
    """Contract line 50: whichever host has no data says so, and all the others say whose fault it is."""
    hosts = testing.of_one_machine(3)
    rest = tuple(host for host in hosts if host != hosts[without])
    channel = Channel(objects=testing.csv(ROWS, parts=4), distribution="ShardedByS3Key", groups=("rest",))
    job = Job(
        hosts=hosts,
        groups=(Group(name="rest", hosts=rest), Group(name="without", hosts=(hosts[without],))),
        channels={"train": channel},
        hyperparameters={"k": 6},
        environment={"PYTHONPATH": str(doors.KIT.parent), "KIT_PORT": str(free_port())},
        network_interface="lo",
    )
    program = Process(train=[sys.executable, "-m", "kit.several_train"])
    ended = testing.train_together(program, job, tmp_path, timeout_s=60)
    assert [each.status for each in ended.values()] == [1, 1, 1]
    assert ended[hosts[without]].reason.startswith("ClientError: the job brings no channel")
    assert all(f"the host {hosts[without]} failed: the job brings no channel" in ended[host].reason for host in rest)
