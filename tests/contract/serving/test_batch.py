"""What differs in a batch transform."""

from pathlib import Path

import pytest

from kit.echo import ECHO
from kit.transports import InProcess, in_process


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/csv", b"a,b\nc", b"a,b\nc\n"),
        ("text/csv", b"\n", b"\n"),
        ("application/jsonlines", b'{"a":1}', b'{"a":1}\n'),
        ("application/json", b'{"a":1}', b'{"predictions":[{"a":1}]}'),
    ],
)
def test_lines_end(batch_client: InProcess, content_type: str, body: bytes, expected: bytes) -> None:
    """[130] The last row ends in a line end, or concatenation would glue it to the next answer's first."""
    answer = batch_client.send("POST", "/invocations", body=body, headers={"Content-Type": content_type})
    assert answer.body == expected


def test_an_empty_body(batch_client: InProcess, client: InProcess) -> None:
    """[108] An empty shard is an empty answer; in real time it is a mistake."""
    headers = {"Content-Type": "text/csv"}
    answer = batch_client.send("POST", "/invocations", headers=headers)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"", "text/csv; charset=utf-8")
    assert client.send("POST", "/invocations", headers=headers).status == 400


@pytest.mark.slow
def test_a_larger_body(batch_client: InProcess) -> None:
    """[100] 100 MB instead of 25."""
    body = (b"x" * 99_999 + b"\n") * 263
    assert batch_client.send("POST", "/invocations", body=body, headers={"Content-Type": "text/csv"}).status == 200


PARAMETERS = [
    ({}, {"MaxConcurrentTransforms": 2, "MaxPayloadInMB": 6, "BatchStrategy": "MULTI_RECORD"}),
    ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "60"}, {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 60}),
    ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "100"}, {"MaxConcurrentTransforms": 1, "MaxPayloadInMB": 100}),
    ({"SAGEMAKER_MAX_PAYLOAD_IN_MB": "0"}, {"MaxConcurrentTransforms": 2, "MaxPayloadInMB": 0}),
    ({"SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "50"}, {"MaxConcurrentTransforms": 16, "MaxPayloadInMB": 6}),
    ({"SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD"}, {"BatchStrategy": "SINGLE_RECORD"}),
    ({"SAGEMAKER_BATCH": "true"}, {"BatchStrategy": "MULTI_RECORD"}),
]


@pytest.mark.parametrize(("environ", "expected"), PARAMETERS)
def test_execution_parameters(model: Path, environ: dict[str, str], expected: dict[str, object]) -> None:
    """[122, 123, 125] What the user set, cut to SageMaker's total of 100 MB."""
    told = in_process((ECHO,), model, environ).send("GET", "/execution-parameters").json
    assert told | expected == told


def test_execution_parameters_in_local_mode(batch_client: InProcess) -> None:
    """[124] SDK v2's local mode ("True") knows no strategy by the contract's names."""
    assert "BatchStrategy" not in batch_client.send("GET", "/execution-parameters").json


def test_a_limit_of_ones_own(model: Path) -> None:
    """[125] SAGEMAKER_MAX_PAYLOAD_IN_MB bounds the body."""
    small = in_process((ECHO,), model, {"SAGEMAKER_MAX_PAYLOAD_IN_MB": "1"})
    headers = {"Content-Type": "text/csv"}
    assert small.send("POST", "/invocations", body=(b"x" * 1023 + b"\n") * 1024, headers=headers).status == 200
    answer = small.send("POST", "/invocations", body=(b"x" * 1023 + b"\n") * 1024 + b"x", headers=headers)
    assert (answer.status, "1 MB" in answer.json["error"]) == (413, True)
