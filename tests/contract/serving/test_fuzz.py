"""Whatever is sent, the answer is an answer or a sentence; never a 500, never a traceback."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kit.transports import InProcess

TYPES = (
    "application/json",
    "application/jsonlines",
    "text/csv",
    "text/csv; charset=latin-1",
    "application/json; charset=utf-16",
    "",
    "*/*",
    "text/plain",
    'text/csv; a="b;c',
)
ACCEPTS = ("", "*/*", "text/csv", "application/jsonlines", "application/json;q=0.5, text/*", "image/*", ";;,;q=")

_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)
_envelopes = st.fixed_dictionaries({}, optional={"instances": _values, "configuration": _values, "x": _values})
_jsons = (_values | _envelopes).map(json.dumps).map(str.encode)
_tables = st.text(alphabet='ab,";\n\r é🎬\x00\u2028', max_size=40).map(str.encode)
_torn = st.tuples(_jsons, st.integers(0, 200), st.binary(max_size=3)).map(lambda t: t[0][: t[1]] + t[2])
BODIES = st.binary(max_size=64) | _jsons | _tables | _torn


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES, content_type=st.sampled_from(TYPES) | st.text(max_size=20), accept=st.sampled_from(ACCEPTS))
@example(body=b'[{"a": "\\ud83d"}]', content_type="application/json", accept="")
@example(body=b"[" * 64 + b"]" * 64, content_type="", accept="")
@example(body=b"1" * 5000, content_type="application/json", accept="")
@example(body=b'{"a": 1e400}', content_type="application/json", accept="")
@example(body=b"\xfe\xff\xd8\x00", content_type="text/csv", accept="")
def test_every_body_gets_an_answer(client: InProcess, body: bytes, content_type: str, accept: str) -> None:
    """[107, 157] 200, or 4xx with a sentence; JSON is valid JSON."""
    headers = {"Content-Type": content_type.encode("ascii", "ignore").decode().translate({10: None, 13: None})}
    answer = client.send("POST", "/invocations", body=body, headers={**headers, "Accept": accept})
    assert answer.status in {200, 400, 406, 415}
    if answer.status != 200:
        assert set(answer.json) <= {"error", "at"}
        assert answer.json["error"]
        assert not answer.json["error"].endswith(".")
    elif answer.headers["content-type"] == "application/json":
        json.loads(answer.body, parse_constant=_refuse)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=4), max_size=6))
def test_rows_come_back(client: InProcess, rows: list[list[str]]) -> None:
    """[128] Any rows sent as JSON come back as CSV that, sent again, comes back the same."""
    rows = [["fine", *row] for row in rows]
    headers = {"Content-Type": "application/json", "Accept": "text/csv"}
    sent = client.send("POST", "/invocations", body=json.dumps({"instances": rows}).encode(), headers=headers)
    assert sent.status == 200
    again = client.send(
        "POST",
        "/invocations",
        body=sent.body + b"\n",
        headers={"Content-Type": "text/csv", "Accept": "application/json"},
    )
    assert again.json == {"predictions": rows or [[]]}


def _refuse(constant: str) -> None:
    raise AssertionError(f"JSON with {constant}")
