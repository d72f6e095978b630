"""What a caller may choose: bad records kept to their rows, ids that ride along, line ends, metrics in the log."""

import json
import logging
from pathlib import Path

import pytest

from kindred.contract import log
from kindred.contract.serving import wishes
from kit.awkward import AWKWARD, write_model
from kit.echo import ECHO
from kit.transports import Answer, InProcess, in_process

CUSTOM = "X-Amzn-SageMaker-Custom-Attributes"
LINES = "application/jsonlines"


def send(door: InProcess, body: bytes, content_type: str, *, accept: str = "*/*", options: str = "") -> Answer:
    headers = {"Content-Type": content_type, "Accept": accept} | ({CUSTOM: options} if options else {})
    return door.send("POST", "/invocations", body=body, headers=headers)


KEPT = [
    ("text/csv", b"a\nfail\nb\n", b"a\nERROR\nb"),
    ("text/csv", b'a\n"b"c\nd\n', b"a\nERROR\nd"),
    ("text/csv", b'a\n"open', b"a\nERROR"),
    (LINES, b'{}\n{]\n\n{"fail":"No"}\n{"a":1}', b'{}\n{"error":"the body is not JSON at column 2: '),
    ("application/json", b'[{},{"fail":"No"}]', b'{"predictions":[{},{"error":"No","at":"[1].fail"}]}'),
]


@pytest.mark.parametrize(("content_type", "body", "expected"), KEPT)
def test_a_bad_record_is_kept_to_its_row(client: InProcess, content_type: str, body: bytes, expected: bytes) -> None:
    """[129] ERROR in CSV, what is wrong in JSON; as many rows as came; refused unless it is wished."""
    answer = send(client, body, content_type, options="bad_records=keep")
    assert (answer.status, answer.body[: len(expected)]) == (200, expected)
    assert send(client, body, content_type).status == 400


def test_lines_that_are_bad_name_their_place(client: InProcess) -> None:
    """[129, 107]"""
    answer = send(client, b'{}\n{]\n\n{"fail":"No"}\n{"a":1}', LINES, options="bad_records=keep")
    told = [json.loads(line) for line in answer.body.splitlines()]
    assert [each.get("at") for each in told] == [None, "line 2", "line 4, fail", None]
    assert told[3] == {"a": 1}


def test_what_the_predictor_refuses_is_kept_too(tmp_path: Path) -> None:
    """[129] A request that is understood and cannot be answered."""
    door = in_process((AWKWARD,), write_model(tmp_path, algorithm="awkward"), {"KINDRED_BAD_RECORDS": "keep"})
    answer = send(door, b'[{"a":1},{"refuse":1},{"a":2}]', "application/json")
    refused = {"error": "there is no such user", "at": "[1].refuse"}
    assert answer.json == {"predictions": [{"a": 1}, refused, {"a": 2}]}
    assert send(door, b'[{"break":1}]', "application/json").status == 500


def test_ids_ride_along(client: InProcess) -> None:
    """[131, 135] The first cells of a row, or the key id of an instance, lead its answer."""
    assert send(client, b"7,a\n8,b\n", "text/csv", options="id_columns=1").body == b"7,a\n8,b"
    answer = send(client, b"7,x,a\n8,y,b\n", "text/csv", accept=LINES, options="id_columns=2")
    assert answer.body == b'{"id":["7","x"],"prediction":["a"]}\n{"id":["8","y"],"prediction":["b"]}'
    answer = send(client, b'{"id":7,"a":1}\n{"a":2}', LINES, options="id_columns=1")
    assert answer.body == b'{"id":7,"a":1}\n{"a":2}'
    kept = send(client, b"7,a\n8,fail\n", "text/csv", options="id_columns=1;bad_records=keep")
    assert kept.body == b"7,a\n8,ERROR"


@pytest.mark.parametrize(
    ("policy", "batch", "expected"),
    [
        ("auto", "false", b"a\nb"),
        ("auto", "true", b"a\nb\n"),
        ("always", "false", b"a\nb\n"),
        ("never", "true", b"a\nb"),
    ],
)
def test_the_last_line_end(model: Path, policy: str, batch: str, expected: bytes) -> None:
    """[130, 170] AssembleWith Line adds one after each answer, None adds none: the user knows which."""
    door = in_process((ECHO,), model, {"KINDRED_FINAL_NEWLINE": policy, "SAGEMAKER_BATCH": batch})
    assert send(door, b"a\nb\n", "text/csv").body == expected


@pytest.mark.parametrize("options", ["bad_records=maybe", "id_columns=-1", "id_columns=x", "stream=1", "output="])
def test_a_wish_that_cannot_be(client: InProcess, options: str) -> None:
    """[107] It is refused by its name."""
    answer = send(client, b"a\n", "text/csv", options=options)
    assert (answer.status, answer.json["at"]) == (400, options.partition("=")[0])


def test_a_choice_that_the_model_does_not_have(client: InProcess, model: Path) -> None:
    """[152] A caller is told; the environment, which may speak to other models, is not minded."""
    assert send(client, b"a\n", "text/csv", options="output=x").json["at"] == "output"
    door = in_process((ECHO,), model, {"SAGEMAKER_INFERENCE_OUTPUT": "x"})
    assert send(door, b"a\n", "text/csv").status == 200


def test_a_type_that_the_model_does_not_speak_is_no_default(model: Path) -> None:
    """[103]"""
    door = in_process((ECHO,), model, {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "application/x-npy"})
    assert send(door, b"a\n", "text/csv").headers["content-type"] == "text/csv; charset=utf-8"


def test_metrics_in_the_log(model: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """[85, 113, 155] The request's own line is one of CloudWatch's embedded metric format, on request."""
    monkeypatch.setattr(log.LOGGER, "propagate", True)
    caplog.set_level(logging.INFO, logger="kindred")
    door = in_process((ECHO,), model, {"KINDRED_METRICS": "emf"})
    send(door, b"a\nfail\n", "text/csv", options="bad_records=keep")
    line = json.loads(caplog.records[-1].getMessage())
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("Kindred", [[]])
    assert {metric["Name"] for metric in directive["Metrics"]} == {"ms", "rows", "bytes", "status_2xx"}
    assert all(isinstance(line[metric["Name"]], int | float) for metric in directive["Metrics"])
    assert abs(line["_aws"]["Timestamp"] / 1000 - caplog.records[-1].created) < 60
    assert (line["rows"], line["bad"], line["status"]) == (2, 1, 200)


def test_no_option_is_lost() -> None:
    """What is an option of ours is taken out, what is another's stays."""
    options = {"n": "5", "id_columns": "2", "output": "a b"}
    taken = wishes.taken(wishes.Wishes(), options)
    assert (taken.id_columns, taken.outputs, options) == (2, ("a", "b"), {"n": "5"})
