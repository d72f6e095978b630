"""Bodies too large to be held are taken block by block, and answered as if they were not (lines 114, 126, 150)."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from algorithms.test_kmeans_serving import write_model as write_kmeans
from kindred.algorithms import ALGORITHMS
from kindred.codecs import npy, records
from kindred.contract.serving.body import BLOCK
from kindred.contract.serving.handler import MOST_AT_ONCE
from kindred.contract.serving.server import THREADS
from kindred.contract.serving.spool import HELD
from kit.awkward import write_model
from kit.transports import Answer, InProcess, Process, in_process, process

RECORDIO, NPY, LINES = "application/x-recordio-protobuf", "application/x-npy", "application/jsonlines"
CUSTOM = "X-Amzn-SageMaker-Custom-Attributes"
PAD = 99_999
LINE = b'{"closest_cluster":1.0,"distance_to_cluster":3.0}\n'


def send(door, body: bytes, content_type: str, *, accept: str = "*/*", options: str = "", chunked=False) -> Answer:
    headers = {"Content-Type": content_type, "Accept": accept} | ({CUSTOM: options} if options else {})
    headers |= {"Transfer-Encoding": "chunked"} if chunked else {}
    return door.send("POST", "/invocations", body=body, headers=headers)


def csv_rows(count: int) -> bytes:
    """Rows of 100 kB, of which some hold line ends and quotes, and line ends are of three kinds."""
    rows = [b"%d,%s" % (i, b"x" * PAD) for i in range(count)]
    rows[3] = b'3,"two\nlines, and a ""word"" of %s"' % (b"y" * PAD)
    rows[5] = b'5,5" disk'
    return b"\r\n".join(rows[:20]) + b"\n" + b"\n".join(rows[20:])


def json_lines(count: int) -> bytes:
    return b"\n\n".join(json.dumps({"i": i, "é": "x" * PAD}).encode() for i in range(count)) + b"\n"


@pytest.mark.parametrize(("content_type", "body"), [("text/csv", csv_rows(60)), (LINES, json_lines(60))])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_answered_as_a_small_one(
    client: InProcess, content_type: str, body: bytes, chunked: bool
) -> None:
    """[126, 150] Every row once, in order, whatever blocks they came in; JSON is one document."""
    assert len(body) > BLOCK
    answer = send(client, body, content_type, chunked=chunked)
    assert (answer.status, answer.headers["content-length"]) == (200, str(len(answer.body)))
    again = send(client, body, content_type, accept="application/json", chunked=chunked)
    told = again.json["predictions"]
    assert len(told) == 60
    assert [int(each["i"] if content_type == LINES else each[0]) for each in told] == list(range(60))
    back = send(client, answer.body, content_type, accept="application/json")
    assert back.json["predictions"] == told


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "latin-1"])
def test_charsets(client: InProcess, charset: str) -> None:
    """[101] A mark at the beginning, characters of several bytes across the blocks."""
    text = "\n".join("é" * 99_999 for _ in range(60))
    answer = send(client, text.encode(charset), f"text/csv; charset={charset}")
    assert answer.body.decode() == text
    marked = send(client, b"\xef\xbb\xbf" + text.encode(), "text/csv")
    assert marked.body.decode() == text


MISTAKES = [
    ("text/csv", csv_rows(60) + b"\nfail\n", "line 62"),
    (LINES, json_lines(60) + b"\n{]\n", "line 121"),
    ("text/csv", csv_rows(60) + b"\n\xff\n", None),
    ("text/csv", csv_rows(60) + b'\n"open', "line 62"),
]


@pytest.mark.parametrize(("content_type", "body", "at"), MISTAKES)
def test_a_mistake_at_the_end(client: InProcess, content_type: str, body: bytes, at: str | None) -> None:
    """[107] It is still told as one, with its place in the whole body, and nothing is answered; or kept to its row."""
    answer = send(client, body, content_type)
    assert (answer.status, (answer.json.get("at") or "").partition(",")[0] or None) == (400, at)
    if b"\xff" not in body:
        kept = send(client, body, content_type, options="bad_records=keep", accept=LINES)
        assert (kept.status, kept.body.count(b"\n"), json.loads(kept.body.splitlines()[-1])["at"]) == (200, 60, at)


def test_rows_are_streamed(client: InProcess, door) -> None:
    """[114] On request: the same bytes, without a length; a first mistake is still told."""
    body = csv_rows(60)
    plain, flowing = send(client, body, "text/csv"), send(door, body, "text/csv", options="stream=true")
    assert (flowing.status, flowing.body) == (200, plain.body)
    assert "content-length" not in flowing.headers
    assert send(door, b"fail\n", "text/csv", options="stream=true").status == 400


def test_a_stream_that_breaks(real: Process) -> None:
    """[114] A mistake after the first rows went out ends the connection, so that nobody takes a part for the whole."""
    connection = http.client.HTTPConnection("127.0.0.1", real.port, timeout=30)
    headers = {"Content-Type": "text/csv", CUSTOM: "stream=true"}
    connection.request("POST", "/invocations", body=csv_rows(90) + b"\nfail\n", headers=headers)
    response = connection.getresponse()
    assert response.status == 200
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response.read()
    connection.close()
    assert [line for line in real.lines() if line.get("broken")]


@pytest.fixture(scope="module")
def kmeans(tmp_path_factory) -> InProcess:
    return in_process(ALGORITHMS, write_kmeans(tmp_path_factory.mktemp("kmeans")))


WIDE = 256
"""Numbers of a row, so that few rows fill several blocks."""


@pytest.fixture(scope="module")
def wide(tmp_path_factory) -> InProcess:
    return in_process(ALGORITHMS, write_kmeans(tmp_path_factory.mktemp("wide"), np.eye(4, WIDE, dtype=np.float32)))


def dense(count: int) -> bytes:
    return records.encode_features(np.random.default_rng(0).normal(size=(count, WIDE)).astype(np.float32))


def sparse(count: int) -> bytes:
    keys = np.arange(100, dtype=np.uint64)
    cells = ((keys + i % WIDE // 2, np.full(100, i, np.float32)) for i in range(count))
    return records.encode_sparse(cells, width=WIDE)


@pytest.mark.parametrize("body", [dense(4_300), sparse(2_000)], ids=["dense", "sparse"])
def test_records(wide: InProcess, body: bytes) -> None:
    """[126, 127] As one matrix in NumPy, whatever blocks they came in; without the last padding too."""
    assert len(body) > MOST_AT_ONCE
    rows = records.decode(body).rows
    expected = send(wide, npy.encode(rows), NPY)
    for sent in (body, body.rstrip(b"\0")):
        answer = send(wide, sent, RECORDIO, accept=NPY)
        np.testing.assert_allclose(npy.decode(answer.body), npy.decode(expected.body), rtol=1e-5)
    assert len(records.read(send(wide, body, RECORDIO).body)) == len(rows)


def test_mistakes_in_records(kmeans: InProcess) -> None:
    """[107] Record and byte count from the beginning of the body."""
    good = records.encode_features(np.ones((60_000, 4), np.float32))
    bad = records.encode_features(np.float32([[1, 1, 1, np.nan]]))
    answer = send(kmeans, good + bad, RECORDIO)
    assert (answer.status, answer.json["at"]) == (400, f"record 60001, byte {len(good)}")
    answer = send(kmeans, good + b"garbage!", RECORDIO)
    assert (answer.status, answer.json["at"]) == (400, f"record 60001, byte {len(good)}")
    kept = send(kmeans, good + bad + good, RECORDIO, accept=LINES, options="bad_records=keep").body.splitlines()
    assert len(kept) == 120_001
    assert json.loads(kept[60_000])["at"] == "record 60001"


@pytest.mark.slow
def test_memory_does_not_grow_with_the_body(tmp_path: Path) -> None:
    """[126, 150] A worker needs no more for 54 MB than for 14, once each of its threads has had a body.

    Every thread keeps what it needed, and an answer is held up to a size: the small bodies' answers are beyond it.
    """
    write_kmeans(tmp_path / "model")
    row = records.encode_features(np.float32([[10, 0, 0, 3]])) * 10_000
    environ = {"MODEL_SERVER_WORKERS": "1", "TS_MAX_REQUEST_SIZE": "1000000000", "MODEL_SERVER_TIMEOUT": "600"}
    with process("kit.real_serve", tmp_path, environ) as served:
        peaks = []
        with ThreadPoolExecutor(THREADS + 1) as pool:
            # At once, so that all threads are there; they take turns then.
            for _ in range(THREADS + 1):
                pool.submit(chunked, served, RECORDIO, (row for _ in range(34)), accept=LINES)
        for pieces in (*[34] * (THREADS + 1), 136):
            size = chunked(served, RECORDIO, (row for _ in range(pieces)), accept=LINES)
            assert size == pieces * 10_000 * len(LINE) - 1 > HELD
            peaks.append(peak_bytes(served))
        assert peaks[-1] - peaks[-2] < 6_000_000, peaks


@pytest.mark.slow
def test_a_gigabyte(tmp_path: Path) -> None:
    """[100, 150] As asynchronous inference may send it, once the limits are raised: answered whole, and never held."""
    write_model(tmp_path / "model")
    row, limits = b"x" * PAD + b"\n", {"TS_MAX_REQUEST_SIZE": "1000000000", "MODEL_SERVER_TIMEOUT": "3600"}
    with process(
        "kit.echo_serve", tmp_path, {**limits, "MODEL_SERVER_WORKERS": "1", "TMPDIR": str(tmp_path)}
    ) as served:
        assert chunked(served, "text/csv", (row for _ in range(10_000))) == 10**9 - 1
        assert peak_bytes(served) < 150_000_000
        assert served.lines()[-1]["rows"] == 10_000


def chunked(served: Process, content_type: str, pieces: Iterator[bytes], *, accept: str = "*/*") -> int:
    """Send a body of any size; return the bytes of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=600)
    headers = {"Content-Type": content_type, "Accept": accept}
    connection.request("POST", "/invocations", body=pieces, headers=headers, encode_chunked=True)
    response = connection.getresponse()
    size, read = 0, response.read
    while piece := read(1 << 20):
        size += len(piece)
    connection.close()
    assert response.status == 200
    return size


def peak_bytes(served: Process) -> int:
    (pid,) = served.workers()
    found = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(found.split()[1]) * 1024


def test_a_limit_holds_for_what_is_chunked(client: InProcess) -> None:
    """[100, 126] 413, whatever was answered before it showed."""
    body = (b"x" * 99_999 + b"\n") * 263
    answer = send(client, body, "text/csv", chunked=True)
    assert (answer.status, "25 MB" in answer.json["error"]) == (413, True)
