"""The kit against small programs: pipes, hosts, kills, agents, disks and servers behave as SageMaker's do."""

import gzip
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from kindred import testing
from kindred.testing import Channel, Job, Process, agent, recordio

HEAD = "import json, os, pathlib, sys, time\nbase = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])"


def program(folder: Path, source: str, **options) -> Process:
    """A program that knows its tree as `base`."""
    file = folder / "program.py"
    file.write_text(f"{HEAD}\n{source}")
    command = [sys.executable, str(file)]
    return Process(train=command, serve=command, **options)


def test_how_a_run_ended(tmp_path):
    """Contract lines 35, 52, 72."""
    source = "(base / 'output' / 'failure').write_text('x' * 2000); print(os.environ['TRAINING_JOB_NAME']); sys.exit(7)"
    ended = testing.train(program(tmp_path, source), Job(name="it"), tmp_path / "ml")
    assert (ended.status, ended.log) == (7, "it\n")
    assert ended.reason == "x" * 1024


PASSES = """
data, told = base / "input" / "data", []
for epoch in range(3):
    while not (data / f"train_{epoch}").exists():
        time.sleep(0.001)
    early = (data / f"train_{epoch + 1}").exists()
    with open(data / f"train_{epoch}", "rb") as fifo:
        told.append((early, (fifo.read(1) if epoch == 1 else fifo.read()).hex()))
print(json.dumps(told))
"""


def passes(folder: Path, channel: Channel) -> list[bytes]:
    """What three passes gave; the second was closed after a byte."""
    ended = testing.train(program(folder, PASSES), Job(channels={"train": channel}), folder / "ml", timeout_s=20)
    assert ended.status == 0, ended.log
    told = json.loads(ended.log)
    assert [early for early, _ in told] == [False] * 3, "a FIFO was there before its time"
    return [bytes.fromhex(content) for _, content in told]


def test_a_fifo_a_pass(tmp_path):
    """Contract lines 41, 42."""
    large = os.urandom(300_000)
    channel = Channel(objects={"b": b"tail", "a": large}, input_mode="Pipe")
    assert passes(tmp_path, channel) == [large + b"tail", large[:1], large + b"tail"]


def test_pipes_unpack_wrap_and_shuffle(tmp_path):
    """Contract lines 42, 43, 45."""
    objects = {str(i): gzip.compress(bytes([i]) * 3) for i in range(20)}
    channel = Channel(objects=objects, input_mode="Pipe", compression="Gzip", wrapper="RecordIO", shuffle_seed=1)
    first, _, third = passes(tmp_path, channel)
    wrapped = {recordio.wrapped(bytes([i]) * 3) for i in range(20)}
    assert [len(each) for each in (first, third)] == [20 * 12] * 2
    assert {first[i : i + 12] for i in range(0, 240, 12)} == {third[i : i + 12] for i in range(0, 240, 12)} == wrapped
    assert first != third


def test_hosts_run_side_by_side(tmp_path):
    """Each waits for all the others' notes: one after the other would wait for ever."""
    source = """
told = json.loads((base / "input" / "config" / "resourceconfig.json").read_text())
(base.parent / f"note-{told['current_host']}").touch()
while not all((base.parent / f"note-{host}").exists() for host in told["hosts"]):
    time.sleep(0.01)
print(len(list((base / "input" / "data" / "train").iterdir())))
"""
    channel = Channel(objects={"a": b"", "b": b""}, distribution="ShardedByS3Key")
    job = Job(hosts=testing.of_one_machine(3), channels={"train": channel})
    ended = testing.train_together(program(tmp_path, source), job, tmp_path / "hosts", timeout_s=20)
    assert [(host, each.status, each.log) for host, each in sorted(ended.items())] == [
        ("127.0.0.1", 0, "1\n"), ("127.0.0.2", 0, "1\n"), ("127.0.0.3", 0, "0\n"),
    ]  # fmt: skip


STUBBORN = """
import signal
signal.signal(signal.SIGTERM, lambda *_: print("asked", flush=True))
print("ready", flush=True)
end = time.monotonic() + 30
while time.monotonic() < end:
    time.sleep(0.01)
"""


def test_a_stop_asks_and_then_kills(tmp_path):
    """Contract line 53."""
    job = Job()
    with testing.training(program(tmp_path, STUBBORN), job, testing.lay_out(job, tmp_path / "ml")) as running:
        running.await_text("ready")
        running.stop(grace_s=0.3)
        assert running.poll() == -signal.SIGKILL
        assert running.text() == "ready\nasked\n"


def test_waiting_in_vain_says_what_was_said_instead(tmp_path):
    job = Job()
    tree = testing.lay_out(job, tmp_path / "ml")
    with (
        pytest.raises(TimeoutError, match="something else"),
        testing.training(program(tmp_path, "print('something else')"), job, tree) as running,
    ):
        running.await_text("epoch 1")
    with testing.training(program(tmp_path, "time.sleep(30)"), job, tree) as running:
        pass
    assert running.poll() == -signal.SIGKILL


COUNTING = """
kept = base / "checkpoints"
count = max((int(path.name) for path in kept.iterdir() if path.name.isdigit()), default=0)
print("from", count, flush=True)
while count < 40:
    count += 1
    (kept / f"{count}.sagemaker-ignore").write_text(str(count))
    (kept / f"{count}.sagemaker-ignore").rename(kept / str(count))
    (kept / str(count - 1)).unlink(missing_ok=True)
    time.sleep(0.02)
(base / "model" / "count").write_text(str(count))
"""


def test_machines_follow_each_other_until_one_is_done(tmp_path):
    """Contract lines 55, 56."""
    kills = [testing.Kill(number=number, after_s=0.4) for number in (signal.SIGKILL, signal.SIGTERM)]
    job = Job(checkpoints="s3://b/c/")
    machines = list(testing.attempts(program(tmp_path, COUNTING), job, tmp_path / "spot", kills=kills))
    begun = [int(machine.ended.log.split()[1]) for machine in machines]
    assert [machine.ended.status for machine in machines] == [-9, -15, 0]
    assert 0 == begun[0] < begun[1] < begun[2] < 40
    assert (machines[-1].ended.tree.model / "count").read_text() == "40"
    assert not list(machines[1].ended.tree.model.iterdir())
    left = {path.name for path in (tmp_path / "spot" / "bucket").iterdir()}
    # A kill between the rename and the unlink leaves the one before.
    assert "40" in left
    assert len(left) <= 1 + len(kills)


def test_a_job_that_cannot_be_resumed_is_refused(tmp_path):
    with pytest.raises(ValueError, match="checkpoints"):
        list(testing.attempts(program(tmp_path, ""), Job(), tmp_path, kills=[]))


def test_kills_are_spread_over_the_run():
    kills = testing.kills(400, within_s=10, seed=3)
    assert {kill.number for kill in kills} == {signal.SIGTERM, signal.SIGKILL}
    assert [sum(part <= kill.after_s < part + 2.5 for kill in kills) > 60 for part in (0, 2.5, 5, 7.5)] == [True] * 4


def test_the_agent_mirrors_and_leaves_its_marks(tmp_path):
    """Contract lines 56, 57."""
    local, bucket = tmp_path / "local", tmp_path / "bucket"
    local.mkdir()
    (local / "one").write_text("1")
    (local / "half.sagemaker-ignore").write_text("h")
    with agent.uploading(local, bucket):
        wait_for(lambda: (local / "one.sagemaker-uploaded").exists())
        (local / "one").write_text("changed")
        wait_for(lambda: (bucket / "one").read_text() == "changed")
        (local / "one").unlink()
        wait_for(lambda: not (bucket / "one").exists())
    assert [path.name for path in local.iterdir()] == ["half.sagemaker-ignore"]
    assert list(bucket.iterdir()) == []


def wait_for(condition, *, timeout_s: float = 10) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def mounts(tmp_path):
    try:
        with testing.small(tmp_path / "probe", size_bytes=2**16):
            pass
    except testing.CannotMount as refused:
        pytest.skip(f"no disk can be mounted: {refused}")


FILLING = "(base / 'model' / 'big').write_bytes(bytes(4 << 20))"


@pytest.mark.usefixtures("mounts")
def test_a_full_disk(tmp_path):
    """Contract line 199."""
    with testing.small(tmp_path / "ml", size_bytes=2**20) as base:
        ended = testing.train(program(tmp_path, FILLING), Job(), base)
    assert ended.status == 1
    assert "No space left on device" in ended.log


def test_a_disk_that_is_full_for_those_who_cannot_mount(tmp_path):
    ended = testing.train(program(tmp_path, FILLING, largest_file=2**20), Job(), tmp_path / "ml")
    assert ended.status == 1
    assert "File too large" in ended.log


@pytest.mark.usefixtures("mounts")
def test_inputs_that_cannot_be_written(tmp_path):
    """Contract lines 39, 40."""
    job = Job(channels={"train": Channel(objects={"a": b"1"})})
    tree = testing.lay_out(job, tmp_path / "ml")
    source = "(base / 'input' / 'data' / 'train' / 'a').write_bytes(b'2')"
    with testing.read_only(tree.data), testing.training(program(tmp_path, source), job, tree) as running:
        ended = testing.ended(running, tree)
    assert "Read-only file system" in ended.log
    assert testing.train(program(tmp_path, source), job, tmp_path / "other").status == 0


SERVING = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b"")
    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).upper())
    def answer(self, body):
        self.send_response(200)
        self.send_header("X-Type", self.headers.get("Content-Type", ""))
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


def test_a_server_is_asked(tmp_path):
    """Contract lines 93, 94, 96."""
    with testing.serving(program(tmp_path, SERVING), tmp_path) as endpoint:
        answer = endpoint.invoke(b"abc", content_type="text/csv")
    assert (answer.status, answer.body, answer.headers["x-type"]) == (200, b"ABC", "text/csv")
    assert endpoint.running.poll() is not None


def test_a_server_that_does_not_come_says_why(tmp_path):
    with (
        pytest.raises(TimeoutError, match="no model here"),
        testing.serving(program(tmp_path, "sys.exit('no model here')"), tmp_path),
    ):
        pass
