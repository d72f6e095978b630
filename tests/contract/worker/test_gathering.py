"""Large bodies of declared length are gathered at the door: slow, in pieces, broken off, too large, over a SIGTERM."""

import contextlib
import http.client
import json
import resource
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from kindred.contract.worker.conversations import ROOM_BYTES
from kindred.contract.worker.gathering import HELD_BYTES, MOST_BYTES, Gathering
from kindred.contract.worker.heads import Head
from kindred.contract.worker.lane import Lane
from kit.awkward import write_model
from kit.transports import Process, process

ROW = b"a" * 996 + b",two\n"
MIB = 1 << 20


def rows(size: int) -> bytes:
    return (ROW * (size // len(ROW) + 1))[: size - 1] + b"\n"


def answer(body: bytes) -> tuple[int, bytes]:
    return 200, body.rstrip(b"\n")


def head(length: int) -> bytes:
    return b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n" % length


CHUNKED = head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
LETTER_C = b"2\r\nc\n\r\n0\r\n\r\n"


def heard(sock: socket.socket) -> tuple[int, bytes]:
    """The next answer; nothing may follow it yet."""
    response = http.client.HTTPResponse(sock)
    response.begin()
    return response.status, response.read()


def heard_next(stream: BinaryIO) -> tuple[int, bytes]:
    """The next of several answers."""
    status = int(stream.readline().split()[1])
    headers = http.client.parse_headers(stream)
    return status, stream.read(int(headers["Content-Length"]))


@contextlib.contextmanager
def callers(served: Process, number: int) -> Iterator[Sequence[socket.socket]]:
    with contextlib.ExitStack() as held:
        yield [
            held.enter_context(socket.create_connection(("127.0.0.1", served.port), timeout=40)) for _ in range(number)
        ]


@pytest.fixture
def caller(served: Process) -> Iterator[socket.socket]:
    with callers(served, 1) as (connected,):
        yield connected


def slowest_s(caller: socket.socket, times: int) -> float:
    """The longest that one of so many small requests waits for its answer."""
    took = []
    for i in range(times):
        began = time.monotonic()
        caller.sendall(head(4) + b"%03d\n" % i)
        assert heard(caller) == (200, b"%03d" % i)
        took.append(time.monotonic() - began)
    return max(took)


@pytest.mark.slow
def test_forty_who_send_half_keep_nobody_waiting(served: Process, caller: socket.socket) -> None:
    """[96] Neither who is small nor who needs a thread; and each has his answer when he has sent the rest."""
    body = rows(MIB)
    with callers(served, 40) as slow:
        for each in slow:
            each.sendall(head(MIB) + body[: MIB // 2])
        assert slowest_s(caller, 50) < 1
        began = time.monotonic()
        caller.sendall(CHUNKED + LETTER_C)
        assert heard(caller) == (200, b"c")
        assert time.monotonic() - began < 1
        for each in slow:
            each.sendall(body[MIB // 2 :])
            assert heard(each) == answer(body)


@pytest.mark.parametrize("piece", [5 * MIB, 1 << 18, 70_001, 1_999])
def test_a_body_in_pieces_is_as_at_once(caller: socket.socket, piece: int) -> None:
    """[100] Of a size that is read at once, and of one that is read as a stream."""
    for size in (3 * MIB, 5 * MIB):
        body = rows(size)
        caller.sendall(head(size))
        for start in range(0, size, piece):
            caller.sendall(body[start : start + piece])
        assert heard(caller) == answer(body)


@pytest.mark.parametrize(
    "size",
    [1 << 16, (1 << 16) + 1, HELD_BYTES, HELD_BYTES + 1, MIB + 1, pytest.param(MOST_BYTES, marks=pytest.mark.slow)],
)
def test_requests_behind_a_large_body(caller: socket.socket, size: int) -> None:
    """Neither takes a byte from the other, however much of them comes at once."""
    body = rows(size)
    caller.sendall(head(2) + b"a\n" + head(size) + body + head(2) + b"b\n" + CHUNKED + LETTER_C)
    expected = [(200, b"a"), answer(body), (200, b"b"), (200, b"c")]
    with caller.makefile("rb") as stream:
        assert [heard_next(stream) for _ in expected] == expected


@pytest.mark.parametrize("size", [MIB, 5 * MIB])
def test_a_body_that_breaks_off(caller: socket.socket, size: int) -> None:
    """Who has said that nothing more will come is told what is missing, and the connection ends."""
    caller.sendall(head(size) + rows(size)[: size // 2])
    caller.shutdown(socket.SHUT_WR)
    status, said = heard(caller)
    assert (status, json.loads(said)["error"]) == (400, f"the body broke off after {size // 2} of {size} bytes")
    assert caller.recv(1) == b""


def test_a_caller_who_leaves_amid_a_body(served: Process, caller: socket.socket) -> None:
    """His file is given up: nothing of what was gathered stays open."""
    opened = Path(f"/proc/{served.workers()[0]}/fd")
    assert slowest_s(caller, 1) < 5
    before = len(list(opened.iterdir()))
    with callers(served, 5) as leaving:
        for each in leaving:
            each.sendall(head(5 * MIB) + rows(MIB))
        time.sleep(0.3)
        assert len(list(opened.iterdir())) == before + 10
    until = time.monotonic() + 10
    while len(list(opened.iterdir())) > before:
        assert time.monotonic() < until
        assert slowest_s(caller, 1) < 5


def test_bodies_over_the_limit(tmp_path: Path) -> None:
    """[100] 413 reaches who has sent all of it, gathered or not."""
    write_model(tmp_path / "model", algorithm="awkward")
    limited = {"MODEL_SERVER_WORKERS": "1", "SAGEMAKER_MAX_PAYLOAD_IN_MB": "1"}
    with process("kit.awkward_serve", tmp_path, limited) as served:
        for size in (MIB + 1, 5 * MIB, MOST_BYTES + 1):
            with callers(served, 1) as (caller,):
                caller.sendall(head(size) + rows(size))
                status, said = heard(caller)
                assert (status, "larger than 1 MB" in json.loads(said)["error"]) == (413, True)
                caller.sendall(head(2) + b"a\n")
                assert heard(caller) == (200, b"a")


@pytest.mark.slow
def test_who_is_slow_is_told(tmp_path: Path) -> None:
    """[96, 109] 408 when the time for the answer is over, though a byte comes now and then."""
    write_model(tmp_path / "model", algorithm="awkward")
    hasty = {"MODEL_SERVER_WORKERS": "1", "SAGEMAKER_MODEL_SERVER_TIMEOUT": "2"}
    with process("kit.awkward_serve", tmp_path, hasty) as served, callers(served, 1) as (caller,):
        caller.sendall(head(MIB))
        caller.settimeout(0.1)
        for _ in range(60):
            with contextlib.suppress(TimeoutError):
                assert caller.recv(1, socket.MSG_PEEK)
                break
            caller.sendall(b"a")
        caller.settimeout(10)
        status, said = heard(caller)
        assert (status, "the body took more than" in json.loads(said)["error"]) == (408, True)


@pytest.mark.slow
def test_who_falls_silent_is_given_up(served: Process, caller: socket.socket) -> None:
    """[96] Long before his time is over; what comes of it later is no request."""
    caller.sendall(head(MIB) + rows(MIB // 2))
    began = time.monotonic()
    status, said = heard(caller)
    assert 15 < time.monotonic() - began < 30
    assert (status, json.loads(said)["error"]) == (400, f"the body broke off after {MIB // 2} of {MIB} bytes")
    with contextlib.suppress(ConnectionError):
        caller.sendall(head(2) + b"a\n")
        assert caller.recv(1) == b""
    assert served.http.send("GET", "/ping").status == 200


@pytest.mark.slow
def test_sigterm_amid_large_bodies(tmp_path: Path) -> None:
    """[99] What is half here is let come, and answered."""
    write_model(tmp_path / "model", algorithm="awkward")
    body = rows(2 * MIB)
    with process("kit.awkward_serve", tmp_path, {"MODEL_SERVER_WORKERS": "1"}) as served:
        with callers(served, 10) as halfway:
            for each in halfway:
                each.sendall(head(len(body)) + body[:MIB])
            time.sleep(0.3)
            served.popen.send_signal(signal.SIGTERM)
            time.sleep(1)
            for each in halfway:
                each.sendall(body[MIB:])
            assert [heard(each) for each in halfway] == [answer(body)] * 10
        assert served.popen.wait(timeout=30) == 0


def test_slow_chunks_leave_a_thread_to_others(served: Process, caller: socket.socket) -> None:
    """[96, 126] Ten take three of four threads between them; all are answered, in their turn."""
    with callers(served, 10) as slow:
        for each in slow:
            each.sendall(CHUNKED + b"2\r\na\n\r\n")
        time.sleep(0.3)
        assert slowest_s(caller, 20) < 1
        for each in slow:
            each.sendall(b"0\r\n\r\n")
        assert [heard(each) for each in slow] == [(200, b"a")] * 10


def test_more_than_there_is_room_for(served: Process, caller: socket.socket) -> None:
    """What is announced beyond it takes threads, all but one, and gives them back; who is small is answered."""
    with callers(served, 1) as (chunked,):
        with callers(served, ROOM_BYTES // MOST_BYTES + 3) as large:
            for each in large:
                each.sendall(head(MOST_BYTES) + ROW)
            time.sleep(0.3)
            chunked.sendall(CHUNKED + LETTER_C)
            chunked.settimeout(0.5)
            with pytest.raises(TimeoutError):
                chunked.recv(1, socket.MSG_PEEK)
            assert slowest_s(caller, 20) < 1
        chunked.settimeout(30)
        assert heard(chunked) == (200, b"c")


def gathered(body: bytes, piece: int) -> Gathering:
    told = Head(request=None, environ={}, length=len(body), closes=False, light=False)
    coming = Gathering(told, body[:7], due=0)
    while coming.lacks:
        start = len(body) - coming.lacks
        coming.add(body[start : start + min(piece, coming.wanted)])
    return coming


@pytest.mark.parametrize("piece", [1 << 20, 100_003])
@pytest.mark.parametrize("size", [10, HELD_BYTES, HELD_BYTES + 1, 5 * HELD_BYTES + 7])
def test_what_is_gathered(size: int, piece: int) -> None:
    """It reads as what was sent, by whatever pieces."""
    body = bytes(i % 251 for i in range(size))
    coming = gathered(body, piece)
    with contextlib.closing(coming):
        stream = coming.stream()
        assert stream.read(3) + stream.read(size) == body
        assert stream.read(1) == b""


def test_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[148] Memory takes it."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    body = b"abc" * HELD_BYTES
    assert gathered(body, 100_003).stream().read() == body


@pytest.mark.parametrize("room", [1, HELD_BYTES // 2, 2 * HELD_BYTES])
def test_where_the_disk_is_full(room: int) -> None:
    """[199] Whatever was written until then, memory takes the rest."""
    body = bytes(i % 251 for i in range(4 * HELD_BYTES))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, usual[1]))
    try:
        coming = gathered(body, 100_003)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    with contextlib.closing(coming):
        assert coming.stream().read() == body


def test_a_lane() -> None:
    """Who waits is called in order, once each, as there is room; who was called is inside."""
    most = [2]
    lane: Lane[str] = Lane(most=lambda: most[0])
    assert [lane.enter(each) for each in "abcde"] == [True, True, False, False, False]
    assert lane.called() == []
    lane.leave("a")
    assert lane.called() == ["c"]
    assert lane.enter("c")
    assert "c" in lane
    assert "d" not in lane
    most[0] = 4
    assert lane.called() == ["d", "e"]
    for each in "bcde":
        lane.leave(each)
    assert lane.called() == []
