"""What a person's program gets from a model: frames, or the server's own sentence."""

import io
import json
import socket
import subprocess
import sys
import threading

import numpy as np
import pandas as pd
import pytest

from algorithms.jobs import films_of
from kindred import client
from kindred.client import asking, frames
from kindred.errors import KindredError, NotFound, UserError

SPACE, LAUGHTER = ["alien-1979", "blade-runner-1982"], ["notting-hill-1999"]


def test_what_next_for_several_histories(ask) -> None:
    told = ask("films").recommend([SPACE, LAUGHTER, []], n=4)
    assert list(told.columns) == list(frames.COLUMNS)
    assert told["request"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert told["rank"].tolist() == [1, 2, 3, 4] * 3
    assert told["source"].unique().tolist() == ["history", "popular"]
    assert (told.groupby("request")["score"].diff().dropna() <= 0).all()
    assert set(told["because"].iloc[0]) <= set(SPACE)
    assert told["title"].notna().all()


def test_options_ride_along(ask) -> None:
    told = ask("films").recommend([SPACE], n=5, filter={"genres": ["Comedy"]}, explain=False)
    assert len(told) == 5
    assert told["because"].isna().all()


def test_what_is_similar(ask) -> None:
    told = ask("films").similar(["alien-1979"], n=5)
    assert told["request"].unique().tolist() == [0]
    assert "alien-1979" not in set(told["item_id"])
    alike = set().union(*(films for films in films_of().values() if "alien-1979" in films))
    assert set(told["item_id"]) <= alike


def test_rows_find_their_clusters(ask, found) -> None:
    told = ask("vectors").clusters(pd.DataFrame(found.rows, index=np.arange(len(found.rows)) + 7))
    assert told.index.tolist() == list(range(7, len(found.rows) + 7))
    assert told["cluster"].dtype == np.int64
    pairs = set(zip(found.labels.tolist(), told["cluster"].tolist(), strict=True))
    assert len(pairs) == 3, "each blob is a cluster, each cluster a blob"
    assert (told["distance"] >= 0).all()
    by_list = ask("vectors").clusters(found.rows.tolist())
    np.testing.assert_array_equal(by_list["cluster"], told["cluster"])


def test_nothing_asked_is_nothing_answered(ask) -> None:
    assert len(ask("films").recommend([])) == len(ask("films").similar([])) == 0
    assert len(ask("vectors").clusters(np.empty((0, 4)))) == 0


def test_many_are_asked_in_several_requests(ask, found, monkeypatch) -> None:
    whole = ask("films").recommend([SPACE, LAUGHTER] * 8, n=2)
    rows = ask("vectors").clusters(found.rows)
    monkeypatch.setattr(asking, "BODY", 200)
    pd.testing.assert_frame_equal(ask("films").recommend([SPACE, LAUGHTER] * 8, n=2), whole)
    pd.testing.assert_frame_equal(ask("vectors").clusters(found.rows), rows)


@pytest.mark.parametrize("width", [1, 64, 1000, 1024])
def test_no_request_is_longer_than_an_endpoint_takes(width: int) -> None:
    sent: list[int] = []

    def send(body: bytes, _: str) -> bytes:
        sent.append(len(body))
        rows = len(np.load(io.BytesIO(body)))
        return json.dumps({"predictions": [{"closest_cluster": 0.0, "distance_to_cluster": 0.0}] * rows}).encode()

    rows = np.zeros((asking.BODY // (4 * width) + 1, width), np.float32)
    assert len(client.Client(send=send).clusters(rows)) == len(rows)
    assert len(sent) == 2
    assert max(sent) <= asking.BODY


def test_an_answer_that_breaks_off_is_an_error_of_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_break_off, args=(door,), daemon=True).start()
        with pytest.raises(UserError, match="nobody answers"):
            client.http(f"http://127.0.0.1:{door.getsockname()[1]}").similar(["a"])


def _break_off(door: socket.socket) -> None:
    caller, _ = door.accept()
    with caller:
        caller.recv(1 << 16)
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def test_a_refusal_is_the_servers_sentence(ask) -> None:
    with pytest.raises(NotFound, match="no-such-film") as told:
        ask("films").similar(["alien-1979", "no-such-film"])
    assert told.value.at == "instances[1].item_id"
    with pytest.raises(UserError, match="4") as told:
        ask("vectors").clusters(np.zeros((2, 3)))
    assert told.value.status == 400


def test_the_place_of_a_mistake_is_the_callers(ask, monkeypatch) -> None:
    monkeypatch.setattr(asking, "BODY", 200)
    with pytest.raises(NotFound) as told:
        ask("films").similar([*["alien-1979"] * 20, "no-such-film"])
    assert told.value.at == "instances[20].item_id"
    rows = np.zeros((40, 4))
    rows[33] = 1e30
    with pytest.raises(UserError) as told:
        ask("vectors").clusters(rows)
    assert told.value.at == "record 34", "records are counted from 1"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda each: each("films").recommend(["alien-1979"]), "histories[0]: 'alien-1979' is one id"),
        (lambda each: each("films").similar("alien-1979"), "item_ids: 'alien-1979' is one id"),
        (lambda each: each("vectors").clusters([1, 2, 3, 4]), "rows: the rows have 1 dimensions"),
        (lambda each: each("vectors").clusters([["a"]]), "rows: the rows are not all numbers"),
    ],
)
def test_what_cannot_be_asked_is_said_at_once(ask, asked, sentence: str) -> None:
    with pytest.raises(UserError) as told:
        asked(ask)
    assert str(told.value).startswith(sentence)


def test_nobody_is_there(aws, monkeypatch) -> None:
    with pytest.raises(UserError, match=r"127.0.0.1:9/invocations: nobody answers .*is serve running there"):
        client.http("http://127.0.0.1:9").similar(["a"])
    with pytest.raises(UserError, match="'films' is no URL"):
        client.http("films")
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL": aws}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(UserError, match=r"boto3 is not set up: .*region"):
        client.endpoint("films")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with pytest.raises(UserError, match="nothing: Endpoint nothing of account 0 not found"):
        client.endpoint("nothing").similar(["a"])


@pytest.mark.parametrize(
    ("status", "text", "kind", "sentence"),
    [
        (413, '{"error": "too large"}', UserError, "too large"),
        (500, '{"error": "a mistake of ours, id 7"}', KindredError, "a mistake of ours, id 7"),
        (502, "<html>\n bad gateway", KindredError, "<html> bad gateway"),
        (503, "", KindredError, "the server said nothing"),
    ],
)
def test_whatever_answers_is_quoted(status: int, text: str, kind: type[KindredError], sentence: str) -> None:
    error = client.ways.told(status, text)
    assert (isinstance(error, UserError), str(error)) == (kind is UserError, sentence)


def test_the_client_alone_needs_neither_pandas_nor_boto3() -> None:
    """It can be imported where there is neither, and says what is missing."""
    program = """
import sys
sys.modules["pandas"] = sys.modules["boto3"] = None
from kindred import client
from kindred.client import frames
for asked in (lambda: client.endpoint("films"), lambda: frames.recommendations([])):
    try:
        asked()
    except Exception as error:
        print(type(error).__name__, error)
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [
        "UserError boto3 is not installed, and an endpoint's name needs it; pip install boto3",
        "UserError pandas is not installed, and answers are its frames; pip install pandas",
    ]
