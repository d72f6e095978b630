"""The real `serve`: signals, workers, what it imports, what it writes."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kit.awkward import write_model
from kit.transports import TESTS, Answer, OverHttp, Process, process

HEAVY = ("sklearn", "scipy", "pandas", "polars", "dask", "sagemaker_training")


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    write_model(tmp_path / "model", algorithm="awkward")
    return tmp_path


def _sleep(door: OverHttp, seconds: float) -> Answer:
    return door.send("POST", "/invocations", body=b'{"sleep": %f}' % seconds)


@pytest.mark.slow
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


@pytest.mark.slow
def test_sigterm_to_a_worker_that_is_just_born(awkward: Path) -> None:
    """[99] It ends too, at once, though the signal comes before it has handlers of its own."""
    with process("kit.slow_born_serve", awkward, {"MODEL_SERVER_WORKERS": "2"}) as served:
        born = served.workers()
        while len(served.workers()) < 2 or served.workers() == born:
            (killed, *_) = born
            with contextlib.suppress(ProcessLookupError):
                os.kill(killed, signal.SIGKILL)
            time.sleep(0.05)
        ended = time.monotonic()
        served.popen.send_signal(signal.SIGTERM)
        assert served.popen.wait(timeout=40) == 0
        assert time.monotonic() - ended < 10


@pytest.mark.slow
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
    # Who knocks between the last accept() and the close() is beyond any server's reach; the kernel resets it.
    assert len(cut_off) <= 1, cut_off


def test_a_kept_connection(real: Process) -> None:
    """Many requests over one connection, an error among them, stay in step."""
    connection = http.client.HTTPConnection("127.0.0.1", real.port, timeout=10)
    statuses = []
    for body in (b"[{}]", b"{", b"[1,2]", b"x" * 1000):
        connection.request("POST", "/invocations", body=body)
        response = connection.getresponse()
        statuses.append(response.status)
        response.read()
    connection.close()
    assert statuses == [200, 400, 200, 200]


def test_many_kept_connections(single: Process) -> None:
    """More callers than the worker has threads, each asking again at once: every one has his own answers, in order."""

    def asked(caller: int) -> list[bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", single.port, timeout=20)
        told = []
        for turn in range(20):
            connection.request("POST", "/invocations", body=b"%d,%d\n" % (caller, turn))
            told.append(connection.getresponse().read())
        connection.close()
        return told

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(asked, range(12))) == [[b"%d,%d" % (i, j) for j in range(20)] for i in range(12)]


def test_requests_sent_ahead(single: Process) -> None:
    """A caller who does not wait for one answer before he sends the next gets all of them, in order."""
    request = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 2\r\n"
    with socket.create_connection(("127.0.0.1", single.port), timeout=10) as caller:
        ends = (b"\r\n", b"\r\n", b"Connection: close\r\n\r\n")
        caller.sendall(b"".join(request + end + b"%d\n" % i for i, end in enumerate(ends)))
        answers = b"".join(iter(lambda: caller.recv(1000), b""))
    assert [each[-1:] for each in answers.split(b"HTTP/1.1 200 OK")[1:]] == [b"0", b"1", b"2"]


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


def test_a_setting_that_cannot_be(awkward: Path) -> None:
    """A plain sentence and status 1, before the port is bound."""
    ended = _run(awkward, MODEL_SERVER_WORKERS="two")
    assert ended.returncode == 1
    assert ended.stdout == "error: MODEL_SERVER_WORKERS: 'two' is not a whole number from 1 to 256\n"
    assert ended.stderr == ""


def test_it_is_lean(real: Process) -> None:
    """[147] None of the heavy libraries is mapped into a worker, nor NumPy, which ECHO has no use for."""
    real.http.send("POST", "/invocations", body=b"a\n")
    maps = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in (real.popen.pid, *real.workers()))
    assert "msgspec" in maps
    assert not [name for name in (*HEAVY, "numpy") if f"/{name}/" in maps]


def test_the_door_imports_little(model: Path) -> None:
    """[147] Nothing heavy is imported from start to the forked worker, not even in plain Python."""
    code = (
        "import sys; from pathlib import Path; from kit.echo import ECHO;"
        "from kindred.contract.serving import app, door, loading, server, settings;"
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


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A `serve` with one worker, on a model folder that is mounted read-only, with a home of its own."""
    base = tmp_path_factory.mktemp("single")
    write_model(base / "model", algorithm="awkward")
    for path in (*(base / "model").iterdir(), base / "model"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (base / "home").mkdir()
    home = str(base / "home")
    with process(
        "kit.awkward_serve", base, {"MODEL_SERVER_WORKERS": "1", "HOME": home, "XDG_RUNTIME_DIR": home}
    ) as served:
        yield served
    (base / "model").chmod(0o755)


def test_the_log(single: Process) -> None:
    """[113, 156] One JSON line a request, none for /ping, nothing of the contents, nothing of gunicorn's."""
    single.http.send("GET", "/ping")
    single.http.send("POST", "/invocations", body=b"SECRET,b\nc\n")
    first, *lines = single.log.read_text().splitlines()
    assert first == f"Serving a model of awkward on port {single.port} with 1 workers."
    line = json.loads(lines[-1])
    assert set(line) == {"id", "status", "ms", "rows", "bytes"}
    assert (line["status"], line["rows"], line["bytes"]) == (200, 2, 11)
    assert "SECRET" not in "".join(lines)


def test_it_writes_nothing(single: Process) -> None:
    """[134, 148] No file is left in the home folder, or beside the model."""
    base = single.log.parent
    single.http.send("POST", "/invocations", body=b"a\n")
    files = {str(path.relative_to(base)) for path in base.rglob("*") if path.is_file() or path.is_socket()}
    assert files == {"serve.log", "model/manifest.json", "model/echo.json"}


@pytest.mark.slow
def test_a_slow_request_does_not_keep_ping_waiting(single: Process) -> None:
    """[94, 96] /ping answers within 2 s while a request is at work, even with one worker."""
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(_sleep, single.http, 1.0)
        time.sleep(0.2)
        assert single.http.send("GET", "/ping").status == 200
        assert not slow.done()
        assert slow.result().status == 200


def test_a_dead_worker_is_replaced(single: Process) -> None:
    """[4, 111] It reaps its children, and forks another in place of one that was killed; as many as the user said."""
    (killed,) = single.workers()
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while single.workers() in ([], [killed]) and time.monotonic() < deadline:
        time.sleep(0.05)
    (born,) = single.workers()
    assert born != killed
    assert single.http.send("GET", "/ping").status == 200


def test_it_starts_fast(single: Process) -> None:
    """[147] Processor seconds that the start took, which other work on the machine does not lengthen; some 0.2."""
    fields = Path(f"/proc/{single.popen.pid}/stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    assert (user + system) / os.sysconf("SC_CLK_TCK") < 0.8


@pytest.mark.slow
def test_a_port_that_is_taken(awkward: Path) -> None:
    """Not a silent hang: a status, and the log names the address."""
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = _run(awkward, SAGEMAKER_BIND_TO_PORT=port)
    assert ended.returncode != 0
    assert port in ended.stderr


def _run(base: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kit.awkward_serve"],
        env={**os.environ, "PYTHONPATH": str(TESTS), "SAGEMAKER_BASE_DIR": str(base), **environ},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
