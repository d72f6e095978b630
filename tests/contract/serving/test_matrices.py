"""Matrices at the door, RecordIO-protobuf and npy, for predictors that take them (contract lines 101-104)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kindred.codecs import npy, records
from kindred.contract import log
from kindred.contract.port import MatrixPredictor, Predictor
from kindred.errors import UserError
from kit import echo
from kit.awkward import write_model
from kit.transports import Answer, InProcess, in_process

RECORDIO, NPY = "application/x-recordio-protobuf", "application/x-npy"
ROWS = np.array([[1, 2], [3, 4]], dtype=np.float32)
SENT = {RECORDIO: records.encode_features(ROWS), NPY: npy.encode(ROWS)}


@dataclass(frozen=True, kw_only=True)
class SummingPredictor(echo.EchoPredictor):
    """ECHO that takes matrices, and answers a vector with its sum."""

    def parse_matrix(self, rows: NDArray[np.float32]) -> Sequence[Any]:
        if rows.shape[1] > 2:
            raise UserError("the rows are too wide")
        return rows.tolist()

    def parse_sparse(self, indices: Sequence[int], values: Sequence[float]) -> Any:
        if indices and indices[-1] > 1:
            raise UserError("the row is too wide")
        return list(values)

    def predict(self, requests: Sequence[Any]) -> Sequence[Any]:
        for i, request in enumerate(requests):
            if sum(request) < 0:
                raise UserError("the sum is below 0", at=f"[{i}]")
        return [{"sum": sum(map(float, request))} for request in requests]

    def row(self, prediction: Any) -> Sequence[str]:
        return [str(prediction["sum"])]

    def columns(self, predictions: Sequence[Any]) -> Mapping[str, NDArray[np.float32]]:
        sums = np.array([prediction["sum"] for prediction in predictions], np.float32)
        return {"sum": sums, "half": sums / 2}


SUMMING = replace(echo.ECHO, name="summing", load=lambda folder: SummingPredictor(counted=echo.load(folder).counted))


@pytest.fixture(scope="module")
def summing(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    return in_process((SUMMING,), write_model(tmp_path_factory.mktemp("summing") / "model", algorithm="summing"))


def send(door: InProcess, body: bytes, content_type: str | None, accept: str | None = None) -> Answer:
    said = {"Content-Type": content_type, "Accept": accept}
    return door.send("POST", "/invocations", body=body, headers={name: value for name, value in said.items() if value})


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("sent", SENT)
def test_a_matrix_is_answered_in_its_own_family(summing: InProcess, sent: str, stated: bool) -> None:
    """[102, 103] known by its first bytes where the type says nothing"""
    answer = send(summing, SENT[sent], sent if stated else None)
    assert (answer.status, answer.headers["content-type"]) == (200, sent)
    if sent == NPY:
        assert npy.decode(answer.body).tolist() == [[3, 1.5], [7, 3.5]]
        return
    found = [
        {name: tensor.values.tolist() for name, tensor in each.label.items()} for each in records.read(answer.body)
    ]
    assert found == [{"sum": [3], "half": [1.5]}, {"sum": [7], "half": [3.5]}]


@pytest.mark.parametrize("stated", [RECORDIO, "Application/X-RecordIO-Protobuf"])
def test_a_record_without_its_frame(summing: InProcess, stated: str) -> None:
    """[127, 186] SDK v2's local mode splits RecordIO so"""
    framed = records.encode_features(ROWS[:1])
    bare = framed[8 : 8 + int.from_bytes(framed[4:8], "little")]
    answer = send(summing, bare, stated, "text/csv")
    assert (answer.status, answer.body) == (200, b"3.0")


@pytest.mark.parametrize("sent", SENT)
def test_a_matrix_may_be_answered_in_text_and_text_in_a_matrix(summing: InProcess, sent: str) -> None:
    """[103]"""
    assert send(summing, SENT[sent], sent, "text/csv").body == b"3.0\n7.0"
    assert send(summing, SENT[sent], sent, "application/json").json == {"predictions": [{"sum": 3.0}, {"sum": 7.0}]}
    answer = send(summing, b"[[1, 2], [3, 4]]", "application/json", sent)
    assert answer.body == send(summing, SENT[sent], sent).body


@pytest.mark.parametrize(
    ("accept", "answered"), [("application/*", RECORDIO), ("*/*", RECORDIO), ("text/*", "text/csv")]
)
def test_wildcards(summing: InProcess, accept: str, answered: str) -> None:
    """[103]"""
    answer = send(summing, SENT[RECORDIO], RECORDIO, accept)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, answered)


def test_places_are_records(summing: InProcess) -> None:
    """[107]"""
    rows = np.array([[1, 2], [-3, 1]], dtype=np.float32)
    for content_type, body in ((RECORDIO, records.encode_features(rows)), (NPY, npy.encode(rows))):
        answer = send(summing, body, content_type)
        assert (answer.status, answer.json) == (400, {"error": "the sum is below 0", "at": "record 2"})
    wide = send(summing, npy.encode(np.ones((1, 3))), NPY)
    assert (wide.status, wide.json) == (400, {"error": "the rows are too wide"})


def test_the_log_counts_rows_of_a_matrix(
    summing: InProcess, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[113]"""
    monkeypatch.setattr(log.LOGGER, "propagate", True)
    with caplog.at_level("INFO", logger="kindred.requests"):
        send(summing, SENT[RECORDIO], RECORDIO)
    assert '"rows":2,"bytes":' in caplog.messages[-1]


@pytest.mark.parametrize("content_type", SENT)
def test_a_predictor_that_takes_no_matrix_is_sent_none(client: InProcess, content_type: str) -> None:
    """[102, 103] and such types are not offered"""
    for answer in (
        send(client, SENT[content_type], content_type),
        send(client, b"{}", "application/json", content_type),
    ):
        assert answer.status in (415, 406)
        assert answer.json["error"].endswith("application/json, application/jsonlines, text/csv")


def test_what_takes_matrices_is_told_by_what_it_can_do(model: Path) -> None:
    plain: Predictor = echo.load(model)
    assert not isinstance(plain, MatrixPredictor)
    assert isinstance(SummingPredictor(counted={}), MatrixPredictor)
