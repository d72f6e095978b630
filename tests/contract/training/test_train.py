"""The real `train` in a process of its own, with an algorithm that knows nothing."""

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kindred.testing import Process
from kit import doors
from kit.opt_ml import lay_out

CHECKOUT = Path(doors.__file__).parents[2]


def listing(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_job_leaves_a_model_and_its_metrics(tmp_path):
    """[26, 52, 66, 68, 70, 74, 75, 78] the output folders are made where they are missing"""
    places = lay_out(tmp_path, hyperparameters={"least": '"2"', "_tuning_objective_metric": "lines"})
    trained = doors.train(tmp_path)
    assert (trained.status, trained.failure) == (0, None)
    stored = json.loads((places.model / "echo.json").read_text())
    assert (stored["bytes"], stored["lines"], stored["hyperparameters"]["least"]) == (12, 3, 2)
    assert listing(places.model) == ["echo.json"]
    assert json.loads((places.output_data / "metrics.json").read_text()) == {"lines": 3.0}
    assert re.search(r"^lines=(\S+)$", trained.log, re.M)[1] == "3.0"
    assert re.search(r"^bytes=(\S+)$", trained.log, re.M)[1] == "12.0"
    assert not re.search(r"[\t\r]", trained.log)


def test_the_log_tells_settings_but_no_secrets(tmp_path):
    """[156] what differs from the default is told, one by one; the environment never"""
    lay_out(tmp_path, hyperparameters={"least": "2", "sagemaker_program": "hidden-1"})
    trained = doors.train(tmp_path, SECRET="hidden-2")
    assert "hyperparameter least is 2" in trained.log
    assert "rate" not in trained.log
    assert "hidden" not in trained.log


@pytest.mark.parametrize(
    ("behaviour", "status", "first"),
    [
        ("exit", 2, "AlgorithmError: Training stopped on a bug of ours, please report it: SystemExit: 0"),
        ("interrupt", 2, "AlgorithmError: Training stopped on a bug of ours, please report it: KeyboardInterrupt"),
        ("oserror", 2, "AlgorithmError: Training stopped on a bug of ours, please report it: OSError: no errno here"),
        ("eio", 2, "AlgorithmError: Training stopped on a bug of ours, please report it: OSError: [Errno 5]"),
        ("bug", 2, "AlgorithmError: Training stopped on a bug of ours, please report it: ZeroDivisionError"),
        ("litter", 1, "ClientError: the data ended in the middle"),
        ("memory", 1, "ClientError: the memory is used up"),
        ("nothing", 2, "AlgorithmError: echo ended without leaving a model in "),
    ],
)
def test_no_failure_ends_with_0(tmp_path, behaviour, status, first):
    """[52, 72, 73, 190-193] the sentence first, no half-written model"""
    places = lay_out(tmp_path, hyperparameters={"behaviour": behaviour})
    trained = doors.train(tmp_path)
    assert trained.status == status
    assert trained.failure.startswith(first)
    assert ("Traceback" in trained.failure) == (status == 2)
    assert trained.failure.splitlines()[0] in trained.log
    assert listing(places.model) == []


def test_a_users_mistake_in_one_sentence(tmp_path):
    """[27] [72] [73]"""
    lay_out(tmp_path, hyperparameters={"lest": "3"})
    trained = doors.train(tmp_path)
    assert trained.status == 1
    assert trained.failure == "ClientError: hyperparameter 'lest' is unknown to echo (did you mean 'least'?)\n"


def test_the_sentence_fits_whatever_it_quotes(tmp_path):
    """[72] 1,024 characters are shown"""
    lay_out(tmp_path, channels={}, inputdataconfig={"c" * 5000: {"TrainingInputMode": "Pipe"}})
    trained = doors.train(tmp_path)
    assert trained.status == 1
    assert len(trained.failure) <= 1024
    assert trained.failure.startswith("ClientError: the job brings the channel 'ccc")


def test_an_import_that_fails_is_told_too(tmp_path):
    """[193] `algorithms` is called inside the story"""
    lay_out(tmp_path)
    code = (
        "import sys; from kindred.contract import environment; from kindred.contract.training import door\n"
        "def broken(): raise ImportError('no such library')\n"
        "sys.exit(door.main(broken, environ=environment.snapshot()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "SAGEMAKER_BASE_DIR": str(tmp_path)}, timeout=30
    )
    assert done.returncode == 2
    assert "ImportError: no such library" in (tmp_path / "output" / "failure").read_text()


def test_an_earlier_failure_file_goes_and_an_earlier_model_stays(tmp_path):
    """[193] a job in the same folders; only what this job wrote is taken away again"""
    places = lay_out(tmp_path)
    places.failure.parent.mkdir()
    places.failure.write_text("ClientError: yesterday's.")
    assert doors.train(tmp_path).failure is None
    (places.config / "hyperparameters.json").write_text('{"behaviour": "litter"}')
    assert doors.train(tmp_path).status == 1
    assert listing(places.model) == ["echo.json"]
    (places.config / "hyperparameters.json").write_text('{"behaviour": "nothing"}')
    assert doors.train(tmp_path).status == 2


def test_unwritable_output_ends_with_a_failure(tmp_path):
    """[190] [199] a file lies where the folder should: the failure file cannot be written either"""
    places = lay_out(tmp_path)
    places.output_data.parent.write_text("in the way")
    trained = doors.train(tmp_path)
    assert trained.status != 0
    assert "error: AlgorithmError:" in trained.log
    assert "the failure file could not be written" in trained.log


def test_unwritable_failure_file(tmp_path):
    """[199] /dev/full answers every write with "no space left" """
    places = lay_out(tmp_path, hyperparameters={"behaviour": "litter"})
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is not here")
    places.output_data.mkdir(parents=True)
    (places.output_data / "metrics.json").symlink_to("/dev/full")
    assert doors.train(tmp_path).status == 1
    (places.config / "hyperparameters.json").write_text("{}")
    trained = doors.train(tmp_path)
    assert trained.status == 1
    assert trained.failure.startswith("ClientError: The disk is full")
    assert listing(places.model) == []


@pytest.fixture
def tiny_disk(tmp_path):
    """Four megabytes in memory, where we may mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("a tiny disk needs root and mount")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a tiny disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_leaves_room_for_the_sentence(tiny_disk):
    """[199] the half-written model goes first"""
    places = lay_out(tiny_disk / "ml", hyperparameters={"behaviour": "fill"})
    trained = doors.train(tiny_disk / "ml")
    assert trained.status == 1
    assert trained.failure.startswith("ClientError: The disk is full")
    assert listing(places.model) == []


def test_a_file_larger_than_may_be_is_no_bug(tmp_path):
    """[72] [199] a limit on the size of files, as `ulimit -f` sets it"""
    places = lay_out(tmp_path, hyperparameters={"behaviour": "fill"})
    program = Process(train=[sys.executable, "-m", "kit.echo_train"], largest_file=1 << 20)
    trained = doors.ended(program.start("train", tmp_path, environ={"PYTHONPATH": str(doors.KIT.parent)}), tmp_path)
    assert trained.status == 1
    assert trained.failure.startswith("ClientError: A file grew larger than may be written")
    assert "ulimit -f" in trained.failure.splitlines()[0]
    assert listing(places.model) == []


def test_a_disk_that_was_full_before_ends_with_a_failure(tiny_disk):
    """[199]"""
    lay_out(tiny_disk / "ml")
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        (tiny_disk / "ballast").write_bytes(b"\0" * (8 << 20))
    trained = doors.train(tiny_disk / "ml")
    assert trained.status == 1
    assert "ClientError: The disk is full" in trained.log


def test_read_only_input(tmp_path, tiny_disk):
    """[39] [40] FastFile and EFS mounts refuse writing"""
    lay_out(tiny_disk / "ml")
    subprocess.run(["mount", "-o", "remount,ro", str(tiny_disk)], check=True)
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "input").symlink_to(tiny_disk / "ml" / "input")
    assert doors.train(tmp_path / "ml").status == 0
    trained = doors.train(tiny_disk / "ml")
    assert trained.status == 1
    assert "ClientError: The file system is read-only" in trained.log


@pytest.mark.parametrize("asking", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_training_with_the_model_so_far(tmp_path, asking):
    """[53] [54] [194]"""
    places = lay_out(tmp_path, hyperparameters={"behaviour": "wait"})
    process = doors.start(tmp_path)
    doors.read_until(process, "echo waits")
    process.send_signal(asking)
    asked = time.monotonic()
    trained = doors.ended(process, tmp_path)
    assert (trained.status, trained.failure) == (0, None)
    assert listing(places.model) == ["echo.json"]
    assert time.monotonic() - asked < 5


@pytest.mark.slow
def test_a_signal_is_heard_during_a_native_call(tmp_path):
    """[54] Python's own handlers wait for the main thread; `nap` sleeps in C for longer than a job's grace"""
    places = lay_out(tmp_path, hyperparameters={"behaviour": "nap"})
    process = doors.start(tmp_path, KIT_GRACE_S="0.5")
    doors.read_until(process, "echo naps")
    process.send_signal(signal.SIGTERM)
    trained = doors.ended(process, tmp_path)
    assert (trained.status, trained.failure) == (143, None)
    assert listing(places.model) == []


def test_the_end_of_a_forked_child_is_not_ours(tmp_path):
    """[53] the child dies of its signal, and training goes on"""
    lay_out(tmp_path, hyperparameters={"behaviour": "fork"})
    process = doors.start(tmp_path)
    doors.read_until(process, "child -15 stop False")
    assert doors.ended(process, tmp_path).status == 0


@pytest.mark.slow
def test_training_that_does_not_end_leaves_what_is_whole(tmp_path):
    """[54] after the grace: the finished model stays, what is unfinished goes, the status is 0"""
    places = lay_out(tmp_path, hyperparameters={"behaviour": "hang"})
    process = doors.start(tmp_path, KIT_GRACE_S="0.5")
    doors.read_until(process, "echo hangs")
    process.send_signal(signal.SIGTERM)
    trained = doors.ended(process, tmp_path)
    assert (trained.status, trained.failure) == (0, None)
    assert listing(places.model) == ["echo.json"]


def test_a_signal_before_there_is_a_model(tmp_path):
    """[210] no failure file, but no success either"""
    places = lay_out(tmp_path, hyperparameters={"behaviour": "wait", "least": "1000"})
    process = doors.start(tmp_path)
    doors.read_until(process, "echo waits")
    process.send_signal(signal.SIGTERM)
    trained = doors.ended(process, tmp_path)
    assert (trained.status, trained.failure) == (143, None)
    assert "warning: training was stopped before it had a model" in trained.log
    assert listing(places.model) == []


def hosts(tmp_path, **config):
    """Two hosts that share a machine: both names lead here, and the first in order is 127.0.0.1."""
    names = ["localhost", "127.0.0.1"]
    trees = {name: tmp_path / name for name in sorted(names)}
    for name, tree in trees.items():
        lay_out(tree, resourceconfig={"current_host": name, "hosts": names, "network_interface_name": "lo"}, **config)
    return trees


def free_port():
    with socket.create_server(("", 0)) as server:
        return str(server.getsockname()[1])


@pytest.mark.slow
def test_one_host_trains_and_the_other_outlives_it(tmp_path):
    """[31, 61, 62, 67, 79] the first to exit stops all the others in local mode"""
    trees = hosts(tmp_path, hyperparameters={"behaviour": "wait"})
    port = free_port()
    leader, follower = (doors.start(tree, KIT_PORT=port, PYTHONUNBUFFERED="1") for tree in trees.values())
    doors.read_until(leader, "echo waits")
    time.sleep(0.3)
    assert follower.poll() is None
    leader.send_signal(signal.SIGTERM)
    led = doors.ended(leader, trees["127.0.0.1"])
    assert follower.poll() is None
    followed = doors.ended(follower, trees["localhost"])
    assert (led.status, followed.status, followed.failure) == (0, 0, None)
    assert listing(trees["127.0.0.1"] / "model") == ["echo.json"]
    assert listing(trees["localhost"] / "model") == []
    assert ("lines=" in led.log, "lines=" in followed.log) == (True, False)
    assert "warning: the host 127.0.0.1 trains alone" in followed.log


@pytest.mark.slow
def test_a_follower_is_released_when_the_leader_fails(tmp_path):
    """[61] a host that fails must not leave the others hanging"""
    trees = hosts(tmp_path, hyperparameters={"behaviour": "bug"})
    port = free_port()
    leader, follower = (doors.start(tree, KIT_PORT=port) for tree in trees.values())
    assert doors.ended(leader, trees["127.0.0.1"]).status == 2
    assert follower.poll() is None
    assert doors.ended(follower, trees["localhost"]).status == 0


def test_a_follower_obeys_a_signal(tmp_path):
    """[53]"""
    tree = hosts(tmp_path)["localhost"]
    follower = doors.start(tree, KIT_PORT=free_port(), PYTHONUNBUFFERED="1")
    doors.read_until(
        follower, "warning: the host 127.0.0.1 trains alone, this one (localhost) waits for it: one instance is enough"
    )
    follower.send_signal(signal.SIGTERM)
    assert doors.ended(follower, tree).status == 0


@pytest.mark.slow
def test_sharded_data_fails_on_every_host(tmp_path):
    """[62]"""
    trees = hosts(tmp_path, inputdataconfig={"train": {"S3DistributionType": "ShardedByS3Key"}})
    port = free_port()
    begun = [(doors.start(tree, KIT_PORT=port), tree) for tree in trees.values()]
    for process, tree in begun:
        trained = doors.ended(process, tree)
        assert trained.status == 1
        assert trained.failure.startswith("ClientError: the data of the channel 'train' is sharded over 2 hosts")


def test_help_and_version(tmp_path):
    """[13]"""
    assert doors.train(tmp_path, "--help").log.startswith("usage: train")
    assert re.fullmatch(r"kindred \d+\.\d+\.\d+\n", doors.train(tmp_path, "--version").log)
    assert listing(tmp_path) == []


def test_an_argument_is_refused(tmp_path):
    """[13]"""
    trained = doors.train(tmp_path, "serve")
    assert trained.status == 1
    assert trained.failure == "ClientError: train takes no argument, but was given 'serve'; see train --help\n"


@pytest.mark.parametrize("command", [["container/train"], [sys.executable, "-m", "kindred.entry", "train"]])
def test_the_ways_to_call_it(tmp_path, command):
    """[5] [12] an executable with a shebang and LF line ends, and a module"""
    first = [str(CHECKOUT / command[0])] if command[0] == "container/train" else command
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "SAGEMAKER_BASE_DIR": str(tmp_path)}
    done = subprocess.run([*first, "--version"], capture_output=True, text=True, env=environ, timeout=30, cwd=tmp_path)
    assert (done.returncode, done.stdout.split()[0]) == (0, "kindred")


@pytest.mark.parametrize("door", ["train", "serve"])
def test_the_executables_can_be_executed(door):
    """[5]"""
    file = CHECKOUT / "container" / door
    assert os.access(file, os.X_OK)
    assert file.read_bytes().startswith(b"#!/usr/bin/env python3\n")
    assert b"\r" not in file.read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_wrote_is_handed_to_the_owner_of_the_folder(tmp_path):
    """[185] a laptop's user must be able to delete the model"""
    places = lay_out(tmp_path / "ml")
    places.output.mkdir()
    (places.output / "another's").touch()
    os.chown(places.output / "another's", 777, 777)
    for folder in (tmp_path / "ml", places.output):
        os.chown(folder, 12345, 12345)
    assert doors.train(tmp_path / "ml").status == 0
    written = (places.model, places.model / "echo.json", places.output_data, places.output_data / "metrics.json")
    assert {path.stat().st_uid for path in written} == {12345}
    assert (places.output / "another's").stat().st_uid == 777
