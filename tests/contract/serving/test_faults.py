"""What goes wrong inside: our faults are 500, the predictor's refusals keep their status, NaN never leaves."""

import logging
import re
from pathlib import Path

import pytest

from kindred.contract import log
from kit.awkward import AWKWARD, write_model
from kit.transports import InProcess, in_process


@pytest.fixture
def awkward(tmp_path: Path) -> InProcess:
    return in_process((AWKWARD,), write_model(tmp_path / "model", algorithm="awkward"))


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(log.LOGGER, "propagate", True)
    caplog.set_level(logging.INFO, logger="kindred")
    return caplog


FAULTS = {"break": "ZeroDivisionError", "nan": "Bug", "lose": "RuntimeError"}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_ours(awkward: InProcess, logged: pytest.LogCaptureFixture, fault: str) -> None:
    """[107, 156] 500 with an id that is also in the log, and there nothing of what the caller sent."""
    answer = awkward.send("POST", "/invocations", body=b'[{"%b": "SECRET"}]' % fault.encode())
    assert (answer.status, set(answer.json)) == (500, {"error", "id"})
    told, request = [record.getMessage() for record in logged.records]
    assert told.startswith(f"Request {answer.json['id']} met a fault of ours, {FAULTS[fault]}: ")
    assert re.match(r'\{"id":"[0-9a-f]{16}","status":500,"ms":[0-9.]+,"rows":1,"bytes":[0-9]+\}$', request)
    assert "SECRET" not in told + request
    assert "Error" not in answer.json["error"]


def test_nan_is_refused_in_every_type(awkward: InProcess) -> None:
    """Response JSON never contains NaN, nor the null that hides it; null itself is fine."""
    for accept in ("application/json", "application/jsonlines"):
        answer = awkward.send("POST", "/invocations", body=b'[{}, {"nan": 1}]', headers={"Accept": accept})
        assert answer.status == 500
    assert awkward.send("POST", "/invocations", body=b'[{"a": null}]').json == {"predictions": [{"a": None}]}


@pytest.mark.parametrize(
    ("content_type", "body", "at"),
    [
        ("application/json", b'{"instances": [{}, {"refuse": 1}]}', "instances[1].refuse"),
        ("application/jsonlines", b'\n{}\n{"refuse": 1}\n', "line 3, refuse"),
    ],
)
def test_the_predictor_refuses(awkward: InProcess, content_type: str, body: bytes, at: str) -> None:
    """A refusal while predicting keeps its status, and its place is the caller's."""
    answer = awkward.send("POST", "/invocations", body=body, headers={"Content-Type": content_type})
    assert (answer.status, answer.json) == (404, {"error": "there is no such user", "at": at})


def test_a_log_line_names_the_inference(awkward: InProcess, logged: pytest.LogCaptureFixture) -> None:
    """[106, 113] One line a request with the caller's id; /ping leaves none."""
    awkward.send("GET", "/ping")
    awkward.send("POST", "/invocations", body=b"a\nb\n", headers={"X-Amzn-SageMaker-Inference-Id": "mine"})
    (line,) = [record.getMessage() for record in logged.records]
    assert line.endswith('"rows":2,"bytes":4,"inference_id":"mine"}')
