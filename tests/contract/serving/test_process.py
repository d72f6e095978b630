"""The real `serve`: signals, workers, what it imports, what it writes."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kit.awkward import write_model
from kit.transports import TESTS, Answer, OverHttp, Process, free_port, process

HEAVY = ("sklearn", "scipy", "pandas", "polars", "dask", "sagemaker_training")


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    write_model(tmp_path / "model", algorithm="awkward")
    return tmp_path


def _sleep(door: OverHttp, seconds: float) -> Answer:
    return door.send("POST", "/invocations", body=b'{"sleep": %f}' % seconds)


def test_sigterm_drains(awkward: Path) -> None:
    """[99] Requests under way are answered, the port is closed at once, and the status is 0."""
    with process("kit.awkward_serve", awkward) as served, ThreadPoolExecutor(6) as pool:
        started = time.monotonic()
        under_way = [pool.submit(_sleep, served.http, 1.0) for _ in range(6)]
        time.sleep(0.5)
        served.popen.send_signal(signal.SIGTERM)
        assert [answer.result().status for answer in under_way] == [200] * 6
        assert served.popen.wait(timeout=10) == 0
        assert time.monotonic() - started < 10
        with pytest.raises(OSError, match=r"refused|reset"):
            served.http.send("GET", "/ping")


def test_no_request_is_lost(awkward: Path) -> None:
    """[99] Callers that keep calling get an answer or are refused at the door; none is cut off after it was let in."""
    answered: list[int] = []
    cut_off: list[str] = []
    with process("kit.awkward_serve", awkward) as served:

        def call() -> None:
            while True:
                try:
                    answered.append(_sleep(served.http, 0.02).status)
                except ConnectionRefusedError:
                    return
                except OSError as error:
                    cut_off.append(repr(error))
                    return

        callers = [threading.Thread(target=call) for _ in range(4)]
        for caller in callers:
            caller.start()
        time.sleep(0.5)
        served.popen.send_signal(signal.SIGTERM)
        for caller in callers:
            caller.join(timeout=20)
    assert len(answered) > 20
    assert set(answered) == {200}
    # A connection that the kernel took after the last accept() is beyond any server's reach.
    assert all("reset" in error for error in cut_off)
    assert len(cut_off) <= 1


def test_a_slow_request_does_not_keep_ping_waiting(awkward: Path) -> None:
    """[94] /ping answers within 2 s while a request is at work, even with one worker."""
    with process("kit.awkward_serve", awkward, {"MODEL_SERVER_WORKERS": "1"}) as served, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(_sleep, served.http, 1.0)
        time.sleep(0.2)
        started = time.monotonic()
        assert served.http.send("GET", "/ping").status == 200
        assert time.monotonic() - started < 0.5
        assert not slow.done()
        assert slow.result().status == 200


def test_workers(awkward: Path) -> None:
    """[110, 111] As many as the user said, all forked from the one process that loaded the model."""
    with process("kit.awkward_serve", awkward, {"SAGEMAKER_MODEL_SERVER_WORKERS": "3"}) as served:
        deadline = time.monotonic() + 10
        while len(served.workers()) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(served.workers()) == 3
    assert "with 3 workers" in served.log.read_text()


def test_a_dead_worker_is_replaced(awkward: Path) -> None:
    """[4] As PID 1 it reaps its children, and forks another in place of one that was killed."""
    with process("kit.awkward_serve", awkward, {"MODEL_SERVER_WORKERS": "1"}) as served:
        (killed,) = served.workers()
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while served.workers() in ([], [killed]) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert served.workers() not in ([], [killed])
        assert served.http.send("GET", "/ping").status == 200


def test_a_kept_connection(real: Process) -> None:
    """Many requests over one connection, an error among them, stay in step."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", real.port, timeout=10)
    statuses = []
    for body in (b"[{}]", b"{", b"[1,2]", b"x" * 1000):
        connection.request("POST", "/invocations", body=body)
        response = connection.getresponse()
        statuses.append(response.status)
        response.read()
    connection.close()
    assert statuses == [200, 400, 200, 200]


def test_expect_continue(real: Process) -> None:
    """curl asks first before it sends a large body."""
    with socket.create_connection(("127.0.0.1", real.port), timeout=10) as caller:
        caller.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert caller.recv(1000).startswith(b"HTTP/1.1 100")
        caller.sendall(b"a\n")
        answer = b"".join(iter(lambda: caller.recv(1000), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\na")


def test_the_log(awkward: Path) -> None:
    """[113, 156] One JSON line a request, none for /ping, nothing of the contents, nothing of gunicorn's."""
    with process("kit.awkward_serve", awkward) as served:
        served.http.send("GET", "/ping")
        served.http.send("POST", "/invocations", body=b"SECRET,b\nc\n")
    lines = served.log.read_text().splitlines()
    assert re.fullmatch(r"Serving a model of awkward on port \d+ with \d+ workers\.", lines[0])
    (line,) = map(json.loads, lines[1:])
    assert set(line) == {"id", "status", "ms", "rows", "bytes"}
    assert (line["status"], line["rows"], line["bytes"]) == (200, 2, 11)


def test_it_writes_nothing(awkward: Path) -> None:
    """[148] No file is left in the home folder, in the working folder, or beside the model."""
    home = awkward / "home"
    home.mkdir()
    before = sorted(awkward.rglob("*"))
    with process("kit.awkward_serve", awkward, {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}) as served:
        served.http.send("POST", "/invocations", body=b"a\n")
        assert sorted(awkward.rglob("*")) == sorted([*before, served.log])


def test_a_read_only_model(awkward: Path) -> None:
    """[98] The model folder is mounted read-only."""
    for path in (awkward / "model", *(awkward / "model").iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with process("kit.awkward_serve", awkward) as served:
        assert served.http.send("POST", "/invocations", body=b"a\n").status == 200


def test_a_setting_that_cannot_be(awkward: Path) -> None:
    """A plain sentence and status 1, before the port is bound."""
    ended = subprocess.run(
        [sys.executable, "-m", "kit.awkward_serve"],
        env={**os.environ, "PYTHONPATH": str(TESTS), "SAGEMAKER_BASE_DIR": str(awkward), "MODEL_SERVER_WORKERS": "two"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == "error: MODEL_SERVER_WORKERS: 'two' is not a whole number from 1 to 256.\n"
    assert ended.stderr == ""


def test_a_port_that_is_taken(awkward: Path) -> None:
    """Not a silent hang: a status, and the log names the address."""
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", free_port()))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "kit.awkward_serve"],
            env={
                **os.environ,
                "PYTHONPATH": str(TESTS),
                "SAGEMAKER_BASE_DIR": str(awkward),
                "SAGEMAKER_BIND_TO_PORT": port,
            },
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert ended.returncode != 0
    assert port in ended.stderr


def test_it_is_lean(real: Process) -> None:
    """[147] None of the heavy libraries is mapped into a worker, nor NumPy, which ECHO has no use for."""
    real.http.send("POST", "/invocations", body=b"a\n")
    maps = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in (real.popen.pid, *real.workers()))
    assert "msgspec" in maps
    assert not [name for name in (*HEAVY, "numpy") if f"/{name}/" in maps]


def test_the_door_imports_little(model: Path) -> None:
    """[147] Nothing heavy is imported from start to the forked worker, not even in plain Python."""
    code = (
        "import sys; from pathlib import Path; from kindred.contract import serving, server, app, loading, settings;"
        "from kit.echo import ECHO;"
        f"_, predictor = loading.load((ECHO,), folder=Path({str(model)!r}));"
        "client = app.create(app.Service(settings=settings.read({}), workers=1, predictor=predictor)).test_client();"
        "assert client.post('/invocations', data=b'[1]').status_code == 200;"
        "print(*sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    roots = {name.partition(".")[0] for name in ran.stdout.split()}
    assert "flask" in roots
    assert not roots & {*HEAVY, "numpy"}


def test_it_starts_fast(awkward: Path) -> None:
    """[147] From the start of the process to the first /ping; 0.2 s alone on a machine, with room for company."""
    best = min(_ready(awkward) for _ in range(3))
    assert best < 1.5


def _ready(base: Path) -> float:
    with process("kit.awkward_serve", base) as served:
        return served.ready_s
