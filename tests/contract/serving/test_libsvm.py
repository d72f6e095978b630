"""LIBSVM at the door: read by predictors that take matrices, answered in another type (contract lines 48, 101-103)."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from algorithms.test_kmeans_serving import write_model
from contract.serving.test_matrices import SUMMING, send
from kindred.algorithms import ALGORITHMS
from kindred.contract.serving import blocks
from kit import awkward
from kit.transports import InProcess, in_process

LIBSVM, CSV = "text/libsvm", "text/csv; charset=utf-8"
BODY = b"1 0:1.5 1:2\n\n0 # zeros\n1:4\n"


@pytest.fixture(scope="module")
def summing(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    return in_process((SUMMING,), awkward.write_model(tmp_path_factory.mktemp("sparse") / "model", algorithm="summing"))


@pytest.fixture(scope="module")
def closest(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    return in_process(ALGORITHMS, write_model(tmp_path_factory.mktemp("sparse") / "model"))


@pytest.mark.parametrize("stated", [LIBSVM, "Text/X-LibSVM", "text/libsvm; charset=utf-8", None, "text/plain"])
def test_pairs_are_answered_in_csv(summing: InProcess, stated: str | None) -> None:
    """[48, 101, 102, 103] with a label or without, known by its first line where the type says nothing"""
    answer = send(summing, BODY, stated)
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, CSV, b"3.5\n0\n4.0")


def test_another_type_may_be_accepted(summing: InProcess) -> None:
    """[103]"""
    assert send(summing, BODY, LIBSVM, "application/json").json == {
        "predictions": [{"sum": 3.5}, {"sum": 0}, {"sum": 4}]
    }
    assert send(summing, BODY, LIBSVM, "*/*").headers["content-type"] == CSV
    refused = send(summing, BODY, LIBSVM, LIBSVM)
    assert (refused.status, LIBSVM in refused.json["error"]) == (406, False)


@pytest.mark.parametrize(
    ("body", "at"),
    [(b"0:1\n1 x\n", "line 2"), (b"0:1\n\n0:1 5:1\n", "line 3"), (b"1 1:nan", "line 1"), (b"1 a:2", "line 1")],
)
def test_a_mistake_is_told_with_its_line(summing: InProcess, body: bytes, at: str) -> None:
    """[107]"""
    answer = send(summing, body, LIBSVM)
    assert (answer.status, answer.json["at"]) == (400, at)


def test_a_bad_line_may_keep_its_place(summing: InProcess) -> None:
    """[129]"""
    custom = {"Content-Type": LIBSVM, "X-Amzn-SageMaker-Custom-Attributes": "bad_records=keep"}
    answer = summing.send("POST", "/invocations", body=b"0:1\nno\n0:1 9:1\n1:2", headers=custom)
    assert (answer.status, answer.body) == (200, b"1.0\nERROR\nERROR\n2.0")


def test_a_predictor_that_takes_no_matrix_is_sent_none(client: InProcess) -> None:
    """[102] and a body that says nothing of its type is CSV as before"""
    assert send(client, BODY, LIBSVM).status == 415
    assert send(client, b"1 0:1.5 1:2", None).body == b"1 0:1.5 1:2"


@pytest.mark.parametrize("count", [1, 7, blocks.ROWS, 2 * blocks.ROWS + 1])
def test_k_means_answers_as_it_does_in_csv(closest: InProcess, count: int) -> None:
    """[48, 126] sparse rows or dense ones, few or more than a block"""
    rng = np.random.default_rng(0)
    rows = rng.integers(-9, 10, (count, 4)) * (rng.random((count, 4)) < 0.5)
    told = "".join(f"0 {' '.join(f'{i}:{row[i]}' for i in np.flatnonzero(row))}\n" for row in rows)
    dense = "".join(",".join(map(str, row)) + "\n" for row in rows)
    assert send(closest, told.encode(), LIBSVM).body == send(closest, dense.encode(), "text/csv").body


def test_k_means_says_which_indices_it_knows(closest: InProcess) -> None:
    """[51]"""
    answer = send(closest, b"1 3:1\n1 4:1", LIBSVM)
    assert answer.json == {
        "error": "the index 4 is outside of the model's 4 numbers, whose indices are 0 to 3", "at": "line 2",
    }  # fmt: skip


@pytest.mark.slow
def test_few_bytes_do_not_fill_the_memory(tmp_path: Path) -> None:
    """[157] two bytes are a row of zeros of any width, so a body is taken in blocks"""
    width, count = 1024, 6 * blocks.ROWS
    door = in_process(ALGORITHMS, write_model(tmp_path / "model", np.eye(3, width, dtype=np.float32)))
    tracemalloc.start()
    answer = send(door, b"0\n" * count, LIBSVM)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.body.count(b"\n") == count - 1
    assert peak < count * width * 4, "all rows, spread, would be held twice"
