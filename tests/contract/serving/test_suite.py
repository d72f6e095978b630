"""The contract of /ping and /invocations, over every transport."""

import json

import pytest

from kit.transports import Transport

JSON = "application/json"
LINES = "application/jsonlines"
CSV = "text/csv; charset=utf-8"


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_ping(door: Transport, method: str) -> None:
    """[94] 200 and nothing else, to every verb that SageMaker or its page names."""
    answer = door.send(method, "/ping")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


TYPES = [
    # [101] the type: in any case, by any of its names, with parameters
    ("text/csv", b"a,b\n", CSV, b"a,b"),
    ("text/csv; charset=utf-8", b"a,b\n", CSV, b"a,b"),
    ("TEXT/CSV;Label_Size=0", b"a,b\n", CSV, b"a,b"),
    ("application/csv", b"a,b\n", CSV, b"a,b"),
    ("application/JSON", b'{"instances":[{"a":1}]}', JSON, b'{"predictions":[{"a":1}]}'),
    ('application/json; charset="UTF-8"', b'{"instances":[{"a":1}]}', JSON, b'{"predictions":[{"a":1}]}'),
    ("application/jsonlines", b'{"a":1}\n{"a":2}\n', LINES, b'{"a":1}\n{"a":2}'),
    ("application/x-ndjson", b'{"a":1}\r\n\r\n{"a":2}', LINES, b'{"a":1}\n{"a":2}'),
    # [101] the text: another charset, a byte order mark, CRLF, CR, a missing last line end
    ("text/csv; charset=ISO-8859-1", b"\xe9t\xe9\n", CSV, "été".encode()),
    ("application/json; charset=latin1", b'[["\xe9"]]', JSON, '{"predictions":[["é"]]}'.encode()),
    ("text/csv", b"\xef\xbb\xbfa\r\nb", CSV, b"a\nb"),
    ("text/csv", "\ufeffa\r\nb".encode("utf-16-le"), CSV, b"a\nb"),
    ("text/csv", b"a\rb\r", CSV, b"a\nb"),
    ("application/json", b"\xef\xbb\xbf[{}]\r\n", JSON, b'{"predictions":[{}]}'),
    # [102] a type that says nothing: what the text looks like counts
    (None, b' {"instances": []}', JSON, b'{"predictions":[]}'),
    (None, b'[{"a": 1},\n{"a": 2}]', JSON, b'{"predictions":[{"a":1},{"a":2}]}'),
    (None, b'{"a": 1}\n{"a": 2}\n', LINES, b'{"a":1}\n{"a":2}'),
    (None, b"[1]\n[2]\n", LINES, b"[1]\n[2]"),
    (None, b"a,b\nc", CSV, b"a,b\nc"),
    ("application/x-www-form-urlencoded", b"a=1&b=2", CSV, b"a=1&b=2"),
    ("application/octet-stream", b"[{}]", JSON, b'{"predictions":[{}]}'),
    ("text/plain;charset=UTF-8", b"[{}]", JSON, b'{"predictions":[{}]}'),
]


@pytest.mark.parametrize(("content_type", "body", "answered", "expected"), TYPES)
def test_content_types(door: Transport, content_type: str | None, body: bytes, answered: str, expected: bytes) -> None:
    """[101-104] What is sent is understood, and answered in its family, under an exact content type."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = door.send("POST", "/invocations", body=body, headers=headers)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, expected, answered)


FORMS = [
    (b'{"instances":[{"a":1},{"a":2,"n":3}],"configuration":{"n":5}}', [{"n": 5, "a": 1}, {"n": 3, "a": 2}]),
    (b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}]),
    (b'{"a":1}', [{"a": 1}]),
    (b"{}", [{}]),
    (b"[]", []),
    (b"[1.5,16]", [[1.5, 16]]),
    (b"[[1,2],[3,4]]", [[1, 2], [3, 4]]),
    (b'{"instances":[[1,2],{"a":null}]}', [[1, 2], {"a": None}]),
    ('[{"a":"\U0001f3ac \\u00e9"}]'.encode(), [{"a": "\U0001f3ac é"}]),
]


@pytest.mark.parametrize(("body", "expected"), FORMS)
def test_json_forms(door: Transport, body: bytes, expected: object) -> None:
    """[165] An envelope with its configuration, a bare list, a single instance, a bare vector."""
    answer = door.send("POST", "/invocations", body=body, headers={"Content-Type": JSON})
    assert answer.json == {"predictions": expected}


CSV_BODIES = [
    (b"\n", b""),  # an empty line is an empty history, and its answer an empty row
    (b"a\n\n", b"a\n"),
    (b"\n\n\n", b"\n\n"),
    (b'"a,b","c ""d""",e\n', b'"a,b","c ""d""",e'),
    (b'"a\nb",c\nd', b'"a\nb",c\nd'),
    (b'"a\r\nb"\r\n', b'"a\r\nb"'),
    (b'5" disk, "x"\n', b'"5"" disk"," ""x"""'),
    ("🎬,é\n".encode(), "🎬,é".encode()),
]


@pytest.mark.parametrize(("body", "expected"), CSV_BODIES)
def test_csv_rows(door: Transport, body: bytes, expected: bytes) -> None:
    """[128] A row in is a row out, in order; quoting survives, and blank lines are rows."""
    answer = door.send("POST", "/invocations", body=body, headers={"Content-Type": "text/csv"})
    assert (answer.status, answer.body) == (200, expected)


# {"error", "at"} of every way in which a request can be wrong: status, content type, body, at, a word of the sentence
ERRORS = [
    (400, JSON, b"", None, "empty"),
    (400, "text/csv", b"\xef\xbb\xbf", None, "empty"),
    (400, JSON, b"{", None, "ends before"),
    (400, JSON, b"{'a': 1}", None, "column 2"),
    (400, JSON, b'{"a": 1,\n "b": nul}', None, "line 2, column 11"),
    (400, JSON, b'[{"a": NaN}]', None, "NaN is no JSON number"),
    (400, JSON, b'[{"a": -Infinity}]', None, "Infinity is no"),
    (400, JSON, b'[{"a": 1e999}]', None, "out of range"),
    (400, JSON, b"[" * 1000 + b"]" * 1000, None, "deeper than 64"),
    (400, JSON, b"[" * 200_000, None, "deeper than 64"),
    (400, JSON, b'{"a":' * 1000 + b"1" + b"}" * 1000, None, "deeper than 64"),
    (400, JSON, b"[" * 66 + b"1" + b"]" * 66, None, "deeper than 64"),
    (400, JSON, b'{"a": 1, "a": 2}', None, "'a' stands twice"),
    (400, JSON, b'{"t": "1:2", "a": [{"b": 1, "b": 2}]}', None, "'b' stands twice"),
    (400, JSON, b'{"a": "\xff"}', None, "UTF-8 at byte 7"),
    (400, JSON, b'{"a": "\\ud800"}', None, "ends before"),
    (400, JSON, b'{"a":1}\n{"a":2}', None, "send application/jsonlines"),
    (400, JSON, b'"instances"', None, "neither an object nor a list"),
    (400, JSON, b'{"instances": {}}', "instances", "not a list"),
    (400, JSON, b'{"instances": [], "configuration": []}', "configuration", "not an object"),
    (400, JSON, b'{"instances": [], "configurations": {}}', "configurations", "'configuration'"),
    (400, JSON, b'{"instances": [{}, {"fail": "No."}]}', "instances[1].fail", "No."),
    (400, JSON, b'[{"fail": "No."}]', "[0].fail", "No."),
    (400, JSON, b'{"fail": "No."}', "fail", "No."),
    (400, LINES, b'{}\n\n{"fail": "No."}\n', "line 3, fail", "No."),
    (400, LINES, b"{}\n{]\n", "line 2", "column 2"),
    (400, "text/csv", b'a\n"b\nc"\nfail\n', "line 4", "first cell"),
    (400, "text/csv", b'a\n"b', "line 2", "unexpected end"),
    (400, "text/csv", b'"a"b\n', "line 1", "expected after"),
    (400, "text/csv", b"x" * 200_000, "line 1", "field larger than field limit"),
    (400, "text/csv", b"\xff\n", None, "UTF-8 at byte 0"),
    (400, "text/csv; charset=klingon", b"a\n", None, "'klingon'"),
    (400, "text/csv; charset=zlib", b"a\n", None, "'zlib'"),
    (415, "image/png", b"\x89PNG", "Content-Type", "application/json, application/jsonlines, text/csv"),
    (415, "application/jsonp", b"{}", "Content-Type", "application/jsonp"),
]


@pytest.mark.parametrize(
    ("status", "content_type", "body", "at", "words"),
    ERRORS,
    ids=[f"{status}-{i}-{words.replace(' ', '-')[:20]}" for i, (status, _, _, _, words) in enumerate(ERRORS)],
)
def test_errors(door: Transport, status: int, content_type: str, body: bytes, at: str | None, words: str) -> None:
    """[107, 157] One plain sentence as JSON, the place in the caller's terms, and never a traceback."""
    answer = door.send("POST", "/invocations", body=body, headers={"Content-Type": content_type})
    assert (answer.status, answer.headers["content-type"]) == (status, JSON)
    assert words in answer.json["error"]
    assert answer.json.get("at") == at
    assert set(answer.json) <= {"error", "at"}
    assert len(answer.body) <= 2048


ACCEPTS = [
    # [103] Accept, the type of a request, the type of its answer
    (None, JSON, JSON),
    ("", "text/csv", CSV),
    ("*/*", "text/csv", CSV),
    ("*/*", LINES, LINES),
    ("text/*", JSON, CSV),
    ("application/*", LINES, LINES),
    ("application/*", "text/csv", JSON),
    ("text/csv", JSON, CSV),
    ("TEXT/CSV; header=absent", JSON, CSV),
    ("application/x-ndjson", JSON, LINES),
    ("text/csv, application/json", JSON, CSV),
    ("application/json, text/plain, */*", "text/csv", JSON),
    ("application/json;q=0.1, text/csv;q=0.9", JSON, CSV),
    ("*/*;q=0.1, application/jsonlines", JSON, LINES),
    ("application/json;q=0, */*", JSON, LINES),
    ("text/html, */*;q=0.2", "text/csv", CSV),
    ("application/json;q=1.000;profile=\"a,b\", text/csv;q=0.5", "text/csv", JSON),
    ("application/json;q=high", "text/csv", JSON),
    (", ,text/csv,", JSON, CSV),
]  # fmt: skip


@pytest.mark.parametrize(("accept", "content_type", "expected"), ACCEPTS)
def test_accept(door: Transport, accept: str | None, content_type: str, expected: str) -> None:
    """[103, 104] The answer has the type that is wished for most, that of the request where no wish is made."""
    headers = {"Content-Type": content_type} | ({} if accept is None else {"Accept": accept})
    body = b"1\n" if content_type == "text/csv" else b'{"a":1}'
    answer = door.send("POST", "/invocations", body=body, headers=headers)
    assert (answer.status, answer.headers["content-type"]) == (200, expected)


@pytest.mark.parametrize("accept", ["image/png", "application/xml, text/html;q=0.9", "*/*;q=0", "text/csv;q=0.0", "x"])
def test_not_acceptable(door: Transport, accept: str) -> None:
    """[103] 406 names what could be had."""
    answer = door.send("POST", "/invocations", body=b"{}", headers={"Content-Type": JSON, "Accept": accept})
    assert (answer.status, answer.json["at"]) == (406, "Accept")
    assert "application/json, application/jsonlines, text/csv" in answer.json["error"]


def test_answers_cross_families(door: Transport) -> None:
    """[103] CSV in, JSON Lines out: an answer a row, in order."""
    headers = {"Content-Type": "text/csv", "Accept": "application/jsonlines"}
    answer = door.send("POST", "/invocations", body=b"a,b\n\nc\n", headers=headers)
    assert [json.loads(line) for line in answer.body.split(b"\n")] == [["a", "b"], [], ["c"]]


def test_attributes_are_echoed(door: Transport) -> None:
    """[105, 106] Custom attributes and the inference id come back with an answer, and with an error."""
    given = {"X-Amzn-SageMaker-Custom-Attributes": "trace-7; n=20", "X-Amzn-SageMaker-Inference-Id": "id 1"}
    for body, status in ((b"{}", 200), (b"{", 400)):
        answer = door.send("POST", "/invocations", body=body, headers={"Content-Type": JSON, **given})
        assert answer.status == status
        assert {name: answer.headers.get(name.lower()) for name in given} == given


def test_attributes_that_are_no_text_are_not_echoed(door: Transport) -> None:
    """[105] No more than 1,024 visible ASCII characters, no more than 64 of an id."""
    given = {"X-Amzn-SageMaker-Custom-Attributes": "caf\xe9", "X-Amzn-SageMaker-Inference-Id": "x" * 65}
    answer = door.send("POST", "/invocations", body=b"{}", headers={"Content-Type": JSON, **given})
    assert answer.status == 200
    assert not [name for name in answer.headers if name.startswith("x-amzn")]


def test_headers_of_nobodys(door: Transport) -> None:
    """[97, 133] They change nothing, and a request that is sent again is answered again the same."""
    plain, other = {"Content-Type": "text/csv"}, {"X-Forwarded-For": "::1", "X-Amzn-SageMaker-Target-Model": "a.tar.gz"}
    sent = [door.send("POST", "/invocations", body=b"a,b\n", headers=each) for each in (plain, plain | other, plain)]
    assert [(answer.status, answer.body) for answer in sent] == [(200, b"a,b")] * 3


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("POST", "/", 404),
        ("GET", "/invocations", 405),
        ("PUT", "/invocations", 405),
        ("OPTIONS", "/invocations", 405),
        ("DELETE", "/ping", 405),
        ("GET", "/ping/", 404),
        ("GET", "/static/x", 404),
    ],
)
def test_other_paths(door: Transport, method: str, path: str, status: int) -> None:
    """[120] 404 and 405 in a sentence, with the verbs that would do."""
    answer = door.send(method, path)
    assert (answer.status, set(answer.json)) == (status, {"error"})
    assert ("allow" in answer.headers) == (status == 405)


def test_a_body_of_unknown_length(door: Transport) -> None:
    """[126] A chunked body, as SageMaker sends where MaxPayloadInMB is 0."""
    headers = {"Content-Type": "text/csv", "Transfer-Encoding": "chunked"}
    answer = door.send("POST", "/invocations", body=b"a,b\nc\n", headers=headers)
    assert (answer.status, answer.body) == (200, b"a,b\nc")


@pytest.mark.slow
def test_a_body_as_large_as_it_may_be(door: Transport) -> None:
    """[100] 25 MB are read."""
    line = b"x" * 65_535 + b"\n"
    answer = door.send("POST", "/invocations", body=line * 400, headers={"Content-Type": "text/csv"})
    assert (answer.status, len(answer.body)) == (200, 25 * 2**20 - 1)


@pytest.mark.parametrize("length", [{}, {"Transfer-Encoding": "chunked"}])
def test_a_body_too_large(door: Transport, length: dict[str, str]) -> None:
    """[100, 107] 413 with the limit, whether the length is declared or shows itself."""
    body = b"x" * (25 * 2**20 + 1)
    answer = door.send("POST", "/invocations", body=body, headers={"Content-Type": "text/csv", **length})
    assert answer.status == 413
    assert "25 MB" in answer.json["error"]


def test_execution_parameters(door: Transport) -> None:
    """[122, 123] A JSON answer within SageMaker's total."""
    answer = door.send("GET", "/execution-parameters")
    told = answer.json
    assert (answer.status, told["BatchStrategy"], told["MaxPayloadInMB"]) == (200, "MULTI_RECORD", 6)
    assert 1 <= told["MaxConcurrentTransforms"] * told["MaxPayloadInMB"] <= 100
