"""The worker over raw sockets: requests in pieces, ahead, broken, slow; callers who stay; threads that are stuck."""

import contextlib
import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kit.awkward import write_model
from kit.transports import Process, process

END = b"\r\n\r\n"
PING = b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"


def asking(body: bytes, *lines: bytes) -> bytes:
    head = (b"POST /invocations HTTP/1.1", b"Host: x", b"Content-Type: text/csv", b"Content-Length: %d" % len(body))
    return b"\r\n".join((*head, *lines)) + END + body


def sleepy(seconds: float, *lines: bytes) -> bytes:
    body = b'[{"sleep": %f}]' % seconds
    return asking(body, *lines).replace(b"text/csv", b"application/json")


def chunked(body: bytes) -> bytes:
    sent = asking(b"", b"Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
    return sent + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"


class Caller:
    """A connection that is read answer by answer."""

    def __init__(self, served: Process) -> None:
        self.sock = socket.create_connection(("127.0.0.1", served.port), timeout=30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self.sock.makefile("rb")

    def ask(self, request: bytes) -> tuple[int, bytes]:
        self.sock.sendall(request)
        return self.heard()

    def heard(self) -> tuple[int, bytes]:
        status = int(self._stream.readline().split()[1])
        headers = http.client.parse_headers(self._stream)
        return status, self._stream.read(int(headers["Content-Length"]))

    def rest(self) -> bytes:
        with contextlib.suppress(ConnectionResetError):
            return self._stream.read()
        return b""

    def close(self) -> None:
        self._stream.close()
        self.sock.close()


@contextlib.contextmanager
def callers(served: Process, number: int) -> Iterator[list[Caller]]:
    with contextlib.ExitStack() as held:
        yield [held.enter_context(contextlib.closing(Caller(served))) for _ in range(number)]


@pytest.fixture
def caller(served: Process) -> Iterator[Caller]:
    with contextlib.closing(Caller(served)) as connected:
        yield connected


def test_a_request_cut_anywhere(caller: Caller) -> None:
    """Wherever the network parts it, it is one request, and the next one on the connection is not touched by it."""
    request = asking(b"one,two\n")
    for cut in range(1, len(request)):
        caller.sock.sendall(request[:cut])
        time.sleep(0.001)
        assert caller.ask(request[cut:]) == (200, b"one,two")


def test_requests_ahead_cut_anywhere(caller: Caller) -> None:
    """Three requests in a row, of which one is chunked, cut in two: three answers in order."""
    ahead = asking(b"a\n") + chunked(b"b\n") + asking(b"c\n")
    for cut in range(0, len(ahead), 7):
        caller.sock.sendall(ahead[:cut])
        time.sleep(0.001)
        caller.sock.sendall(ahead[cut:])
        assert [caller.heard() for _ in range(3)] == [(200, b"a"), (200, b"b"), (200, b"c")]


def test_a_hundred_requests_ahead(caller: Caller) -> None:
    caller.sock.sendall(b"".join(asking(b"%d\n" % i) for i in range(100)))
    assert [caller.heard() for _ in range(100)] == [(200, b"%d" % i) for i in range(100)]


@pytest.mark.parametrize("size", [10, 1 << 14, 1 << 16, (1 << 16) + 1, 1 << 20])
def test_bodies_of_every_size(caller: Caller, size: int) -> None:
    """What is read at once and what is gathered is answered alike."""
    row = (b"one,two," * size)[:size]
    assert caller.ask(asking(row)) == (200, row)
    assert caller.ask(chunked(b"abc")) == (200, b"abc")


def test_other_bodies_under_the_same_head(caller: Caller) -> None:
    """What is remembered of a head is the head alone."""
    assert [caller.ask(asking(b"%d" % i))[1] for i in range(10, 30)] == [b"%d" % i for i in range(10, 30)]


def test_http_1_0(served: Process) -> None:
    """It ends the connection unless told to keep it."""
    old = asking(b"a\n").replace(b"HTTP/1.1", b"HTTP/1.0")
    kept = old.replace(b"Host: x", b"Connection: keep-alive")
    with callers(served, 2) as (leaving, staying):
        assert leaving.ask(old) == (200, b"a")
        assert leaving.rest() == b""
        assert [staying.ask(kept) for _ in range(2)] == [(200, b"a")] * 2


def test_connection_close(caller: Caller) -> None:
    """What comes after it is nobody's."""
    assert caller.ask(asking(b"a\n", b"Connection: close") + asking(b"b\n")) == (200, b"a")
    assert caller.rest() == b""


def test_head_has_no_body(caller: Caller) -> None:
    """RFC 9110, section 9.3.2: another request can follow at once."""
    caller.sock.sendall(PING.replace(b"GET", b"HEAD") + asking(b"a\n"))
    said = b""
    while not said.endswith(b"\r\n\r\na"):
        said += caller.sock.recv(1000)
    assert said.count(b"HTTP/1.1 200") == 2


BROKEN = {
    "no request line": b"NONSENSE\r\n\r\n",
    "nothing but its line": b"NONSENSE\r\n",
    "a method in small letters": b"get /ping HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /ping\r\n\r\n",
    "another version": b"GET /ping HTTP/9.9\r\nHost: x\r\n\r\n",
    "bare line feeds": b"GET /ping HTTP/1.1\nHost: x\n\n",
    "bare line feeds without an end": b"GET /ping HTTP/1.1\nHost",
    "a blank in a name": b"GET /ping HTTP/1.1\r\nHost : x\r\n\r\n",
    "no colon": b"GET /ping HTTP/1.1\r\nHost\r\n\r\n",
    "two hosts": b"GET /ping HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "two lengths": asking(b"a", b"Content-Length: 2"),
    "no length": asking(b"a").replace(b"Length: 1", b"Length: one"),
    "a negative length": asking(b"a").replace(b"Length: 1", b"Length: -1"),
    "a length and chunks": asking(b"a", b"Transfer-Encoding: chunked"),
    "a null": b"GET /ping HTTP/1.1\r\nHost: \0\r\n\r\n",
    "a bare carriage return": asking(b"a", b"X: y\rContent-Length: 9"),
    "a line that goes on": asking(b"a", b"X: y", b" Content-Length: 9"),
    "the same length twice": asking(b"a", b"Content-Length: 1"),
    "a list of lengths": asking(b"a").replace(b"Length: 1", b"Length: 1, 1"),
    "a length with a sign": asking(b"a").replace(b"Length: 1", b"Length: +1"),
    "a length of raised figures": asking(b"a").replace(b"Length: 1", b"Length: \xb2"),
    "a length and a coding that changes nothing": asking(b"a", b"Transfer-Encoding: identity"),
    "chunked twice": chunked(b"a").replace(b"chunked", b"chunked, chunked"),
}


@pytest.mark.parametrize("request_", BROKEN.values(), ids=BROKEN)
def test_broken_heads(served: Process, request_: bytes) -> None:
    """400 at once, also where more of it might come, and nothing after it; the next time as well."""
    with callers(served, 2) as both:
        for each in both:
            assert each.ask(request_)[0] == 400
            assert each.rest() == b""


def test_a_length_by_another_name_is_none(caller: Caller) -> None:
    """What only looks like one of the headers that say where a body ends says nothing."""
    for line in (b"Content_Length: 40", b"Transfer_Encoding: chunked"):
        assert caller.ask(asking(b"a", line)) == (200, b"a")
        assert caller.ask(PING) == (200, b"")


def test_a_head_too_large(caller: Caller) -> None:
    with contextlib.suppress(ConnectionError):
        caller.sock.sendall(asking(b"a", *(b"X-%d: %s" % (i, b"y" * 8000) for i in range(99))))
    assert caller.heard()[0] == 431


def test_a_caller_who_leaves(served: Process, caller: Caller) -> None:
    """Amid a head, amid a body, before the answer: nobody else is kept from his."""
    for part in (b"POST /inv", asking(b"abc")[:-1], asking(b"abc"), sleepy(0.05)):
        gone = socket.create_connection(("127.0.0.1", served.port))
        gone.sendall(part)
        gone.close()
    assert caller.ask(asking(b"a")) == (200, b"a")


def test_half_a_body_and_no_more(caller: Caller) -> None:
    """Who has said that nothing more will come is told what is missing."""
    caller.sock.sendall(asking(b"abc")[:-1])
    caller.sock.shutdown(socket.SHUT_WR)
    status, body = caller.heard()
    assert (status, json.loads(body)["error"]) == (400, "the body broke off after 2 of 3 bytes")


def test_who_sends_no_more_is_answered(caller: Caller) -> None:
    caller.sock.sendall(asking(b"a"))
    caller.sock.shutdown(socket.SHUT_WR)
    assert caller.heard() == (200, b"a")


@pytest.mark.slow
def test_slow_senders_keep_nobody_waiting(served: Process, caller: Caller) -> None:
    """[96] Ten that send a byte now and then, in the head or in the body, take no thread from those who send it all."""
    request = asking(b"abcdefgh\n")
    took = []
    with callers(served, 10) as slow:
        heads, bodies = slow[:5], slow[5:]
        for each in bodies:
            each.sock.sendall(request[:-9])
        for i in range(len(request) - 1):
            for each in heads:
                each.sock.sendall(request[i : i + 1])
            began = time.monotonic()
            assert caller.ask(asking(b"%d\n" % i)) == (200, b"%d" % i)
            took.append(time.monotonic() - began)
        for each, rest in [*((each, request[-1:]) for each in heads), *((each, request[-9:]) for each in bodies)]:
            assert each.ask(rest) == (200, b"abcdefgh")
    assert sorted(took)[len(took) // 2] < 0.1


@pytest.mark.slow
def test_ping_while_every_thread_is_at_work(served: Process, caller: Caller) -> None:
    """[94, 96] And who asks the model then is answered when a thread comes back, in his turn."""
    with callers(served, 6) as busy:
        for each in busy:
            each.sock.sendall(sleepy(1.0))
        time.sleep(0.3)
        began = time.monotonic()
        assert caller.ask(PING) == (200, b"")
        assert time.monotonic() - began < 0.5
        assert [each.heard()[0] for each in busy] == [200] * 6
        assert 1.2 < time.monotonic() - began < 3


@pytest.mark.slow
def test_pings_with_large_bodies_make_no_threads(served: Process, caller: Caller) -> None:
    """A ping takes no thread, nor does a body that does not come."""
    assert caller.ask(PING) == (200, b"")
    tasks = Path(f"/proc/{served.workers()[0]}/task")
    before = len(list(tasks.iterdir()))
    with callers(served, 30) as many:
        for each in many:
            each.sock.sendall(PING.replace(b"GET", b"POST").replace(END, b"\r\nContent-Length: 99999" + END))
        time.sleep(1)
        assert len(list(tasks.iterdir())) <= before + 6
        assert caller.ask(PING) == (200, b"")


@pytest.mark.slow
def test_kept_connections_are_served_alike(tmp_path: Path) -> None:
    """32 callers who ask again at once, on two workers of four threads: each has his share."""
    write_model(tmp_path / "model", algorithm="awkward")
    until: list[float] = []

    def answers(one: Caller) -> int:
        count = 0
        while time.monotonic() < until[0]:
            count += one.ask(sleepy(0.001))[0] == 200
        return count

    with (
        process("kit.awkward_serve", tmp_path, {"MODEL_SERVER_WORKERS": "2"}) as served,
        contextlib.ExitStack() as held,
        ThreadPoolExecutor(32) as pool,
    ):
        # The second worker comes a moment after the first.
        time.sleep(1)
        kept = held.enter_context(callers(served, 32))
        time.sleep(0.5)
        until.append(time.monotonic() + 3)
        had = sorted(pool.map(answers, kept))
    assert had[0] > had[-1] / 4, had


@pytest.mark.slow
def test_sigterm_finds_requests_that_wait_for_a_thread(tmp_path: Path) -> None:
    """[99] More than there are threads, for longer than an idle connection would be kept: all are answered."""
    write_model(tmp_path / "model", algorithm="awkward")
    with process("kit.awkward_serve", tmp_path, {"MODEL_SERVER_WORKERS": "1"}) as served:
        with callers(served, 40) as kept:
            assert [each.ask(asking(b"a"))[0] for each in kept] == [200] * 40
            for each in kept:
                each.sock.sendall(sleepy(0.5))
            time.sleep(0.2)
            served.popen.send_signal(signal.SIGTERM)
            assert [each.heard()[0] for each in kept] == [200] * 40
        assert served.popen.wait(timeout=30) == 0


def test_an_idle_connection_outlives_work_elsewhere(served: Process, caller: Caller) -> None:
    """Other callers come and go meanwhile."""
    assert caller.ask(asking(b"a"))[0] == 200
    with callers(served, 20) as others:
        for each in others:
            each.sock.sendall(asking(b"b", b"Connection: close"))
        assert [each.heard() for each in others] == [(200, b"b")] * 20
    assert caller.ask(asking(b"c")) == (200, b"c")
