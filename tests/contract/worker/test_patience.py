"""What takes too long: an answer, a body, a head; and many requests at once while the server ends."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.awkward import write_model
from kit.transports import Process, process

SECOND = {"SAGEMAKER_MODEL_SERVER_TIMEOUT": "2"}


def sleepy(seconds: float) -> bytes:
    body = b'{"sleep": %f}' % seconds
    return b"POST /invocations HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (
        len(body), body,
    )  # fmt: skip


def said(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=40) as caller:
        caller.sendall(request)
        return heard(caller)


def heard(caller: socket.socket) -> bytes:
    with caller:
        return b"".join(iter(lambda: caller.recv(1 << 16), b""))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Process]:
    write_model(tmp_path / "model", algorithm="awkward")
    with process("kit.awkward_serve", tmp_path, {**SECOND, "MODEL_SERVER_WORKERS": "1"}) as started:
        yield started


@pytest.mark.slow
def test_a_stuck_request_is_told(served: Process) -> None:
    """[109] 504 and a sentence before the time is up, from a worker that lives on; one line of log."""
    (worker,) = served.workers()
    began = time.monotonic()
    answer = said(served.port, sleepy(6))
    assert time.monotonic() - began < 5
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 504 ")
    assert "took more than 1.83333 s" in json.loads(body)["error"]
    assert said(served.port, sleepy(0)).startswith(b"HTTP/1.1 200")
    assert served.workers() == [worker]
    while len(served.lines()) < 2:
        time.sleep(0.1)
    assert sorted(line["status"] for line in served.lines()) == [200, 504]


@pytest.mark.slow
def test_a_body_that_does_not_come_is_told(served: Process) -> None:
    """[96, 109] 408: it is the caller who was slow."""
    request = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc"
    head, _, body = said(served.port, request).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert "the body took more than" in json.loads(body)["error"]


@pytest.mark.slow
def test_a_worker_whose_threads_are_stuck(served: Process) -> None:
    """[94, 109] Every caller is told, the worker gets other threads, and /ping answers."""
    (worker,) = served.workers()
    stuck = [threading.Thread(target=said, args=(served.port, sleepy(6))) for _ in range(4)]
    for each in stuck:
        each.start()
    for each in stuck:
        each.join()
    assert said(served.port, sleepy(0)).startswith(b"HTTP/1.1 200")
    assert served.http.send("GET", "/ping").status == 200
    assert served.workers() == [worker]


@pytest.mark.slow
def test_heads_that_never_end_keep_nobody_waiting(served: Process) -> None:
    """[96] As many as there are threads, and /ping answers when their patience is over."""
    callers = [socket.create_connection(("127.0.0.1", served.port), timeout=30) for _ in range(4)]
    for caller in callers:
        caller.sendall(b"POST /invocations HTTP/1.1\r\nHost")
    began = time.monotonic()
    assert said(served.port, b"GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert time.monotonic() - began < 20
    for caller in callers:
        caller.close()


@pytest.mark.slow
def test_a_thousand_requests_over_a_sigterm(tmp_path: Path) -> None:
    """[99] All were sent before the signal; none is lost."""
    write_model(tmp_path / "model", algorithm="awkward")
    with process("kit.awkward_serve", tmp_path) as served:
        callers = [socket.create_connection(("127.0.0.1", served.port), timeout=40) for _ in range(1000)]
        for caller in callers:
            caller.sendall(sleepy(0.01))
        served.popen.send_signal(signal.SIGTERM)
        answers = [heard(caller) for caller in callers]
        assert served.popen.wait(timeout=30) == 0
        lines = served.lines()
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 200"] * 1000
    assert [line["status"] for line in lines] == [200] * 1000
