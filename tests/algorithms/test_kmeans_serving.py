"""k-means behind the door `serve`: the built-in's requests and answers to the byte (lines 101-104, 164-170)."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from algorithms.kmeans_jobs import csv, trained
from kindred.algorithms import ALGORITHMS, kmeans
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.codecs import npy, records
from kindred.contract.port import MatrixPredictor
from kindred.errors import UserError
from kit.blobs import blobs
from kit.transports import Answer, InProcess, in_process

JSON, LINES, CSV = "application/json", "application/jsonlines", "text/csv; charset=utf-8"
RECORDIO, NPY = "application/x-recordio-protobuf", "application/x-npy"

CENTROIDS = np.array([[0, 0, 0, 0], [10, 0, 0, 0], [0, 10, 0, 0]], dtype=np.float32)
ROW, ANSWER = [10.0, 0.0, 0.0, 3.0], {"closest_cluster": 1.0, "distance_to_cluster": 3.0}
# Contract, section M: the answer (1.0, 3.0) as an independent encoder wrote it.
GOLDEN = bytes.fromhex(
    "0a23d7ce3e000000121b0a0f636c6f736573745f636c7573746572120812060a040000803f"
    "121f0a1364697374616e63655f746f5f636c7573746572120812060a04000040400000"
)


def write_model(folder: Path, centroids=CENTROIDS) -> Path:
    manifest = Manifest(algorithm="kmeans", hyperparameters={}, seed=0, fingerprint="", versions={}, metrics={})
    shelf.write(folder, manifest=manifest, arrays={"centroids": centroids}, strings={})
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return write_model(tmp_path_factory.mktemp("kmeans") / "model")


@pytest.fixture(scope="module")
def door(model) -> InProcess:
    return in_process(ALGORITHMS, model)


def send(door, body, content_type=None, accept=None) -> Answer:
    said = {"Content-Type": content_type, "Accept": accept}
    headers = {name: value for name, value in said.items() if value is not None}
    return door.send("POST", "/invocations", body=body, headers=headers)


def encoded(value) -> bytes:
    return json.dumps(value).encode()


FORMS = {
    "features": {"instances": [{"features": ROW}]},
    "values": {"instances": [{"data": {"features": {"values": ROW}}}]},
    "sparse": {"instances": [{"data": {"features": {"keys": [0, 3], "shape": [4], "values": [10, 3]}}}]},
    "configured": {"instances": [{"features": ROW, "configuration": {}}], "configuration": {}},
    "clarify": {"instances": [{"data": {"features": ROW}}]},
    "bare rows": {"instances": [ROW]},
    "a list of rows": [ROW],
    "a row": ROW,
    "an instance": {"features": ROW},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("content_type", [JSON, "application/JSON; charset=utf-8", None])
def test_every_json_form_of_the_built_in(door, form, content_type):
    """[165] [167]"""
    answer = send(door, encoded(form), content_type)
    assert (answer.status, answer.headers["content-type"]) == (200, JSON)
    assert answer.body == b'{"predictions":[{"closest_cluster":1.0,"distance_to_cluster":3.0}]}'


def test_json_lines_of_mixed_forms(door):
    """[166] [167]"""
    body = b"\n".join(encoded(each) for form in ("features", "values", "sparse") for each in FORMS[form]["instances"])
    answer = send(door, body, LINES)
    assert (answer.status, answer.headers["content-type"]) == (200, LINES)
    assert answer.body == b"\n".join([b'{"closest_cluster":1.0,"distance_to_cluster":3.0}'] * 3)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/csv", b"10,0,0,3\n0,10,0,5\n"),
        ("text/csv;label_size=0", b"10,0,0,3\r\n0,10,0,5"),
        ("text/CSV; label_size=1", b"7,10,0,0,3\n7,0,10,0,5"),
        (None, b"\xef\xbb\xbf10, 0, 0, 3\n0,1e1,0,5.0\n"),
    ],
)
def test_csv(door, content_type, body):
    """[101] [164] [167]"""
    answer = send(door, body, content_type)
    assert (answer.status, answer.headers["content-type"]) == (200, CSV)
    assert answer.body == b"1.0,3.0\n2.0,5.0"


SPARSE_ROW = bytes.fromhex(
    "0a23d7ce1f0000000a1d0a0676616c7565731213" + "12110a080000204100004040" + "12020003" + "1a010400"
)


@pytest.mark.parametrize(
    "content_type", [RECORDIO, "Application/X-RecordIO-Protobuf;label_size=0", None, "application/octet-stream"]
)
@pytest.mark.parametrize(
    "body",
    [records.encode_features(np.float32([ROW])), records.encode_features(np.array([ROW])), SPARSE_ROW],
    ids=["float32", "float64", "sparse"],
)
def test_recordio_is_answered_in_kind_to_the_byte(door, body, content_type):
    """[101-103] [167] [169] the SDK's KMeansPredictor sends it and accepts it alone"""
    for accept in (RECORDIO, None, "*/*"):
        answer = send(door, body, content_type, accept)
        assert (answer.status, answer.headers["content-type"], answer.body) == (200, RECORDIO, GOLDEN)


def test_recordio_has_a_record_for_every_row(door):
    """[167]"""
    rows = np.float32([[0, 0, 0, 1], ROW, [0, 8, 0, 0]])
    found = records.read(send(door, records.encode_features(rows), RECORDIO).body)
    assert [record.label["closest_cluster"].values.tolist() for record in found] == [[0], [1], [2]]
    assert [record.label["distance_to_cluster"].values.tolist() for record in found] == [[1], [3], [2]]
    assert not any(record.features for record in found)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("content_type", [NPY, None])
def test_npy(door, dtype, content_type):
    answer = send(door, npy.encode(np.array([ROW, [0, 10, 0, 5]], dtype)), content_type)
    assert (answer.status, answer.headers["content-type"]) == (200, NPY)
    assert npy.decode(answer.body).tolist() == [[1, 3], [2, 5]]


ACCEPTED = {
    JSON: b'{"predictions":[{"closest_cluster":1.0,"distance_to_cluster":3.0}]}',
    LINES: b'{"closest_cluster":1.0,"distance_to_cluster":3.0}',
    "text/csv": b"1.0,3.0",
    RECORDIO: GOLDEN,
    NPY: npy.encode(np.float32([[1, 3]])),
}
SENT = {
    JSON: encoded([ROW]),
    LINES: encoded(ROW),
    "text/csv": b"10,0,0,3",
    RECORDIO: records.encode_features(np.float32([ROW])),
    NPY: npy.encode(np.float32([ROW])),
}


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("sent", SENT)
def test_every_family_is_answered_in_every_other(door, sent, accept):
    """[103] [164]"""
    answer = send(door, SENT[sent], sent, accept)
    assert (answer.status, answer.body) == (200, ACCEPTED[accept])
    assert answer.headers["content-type"].partition(";")[0] == accept


REFUSED = [
    (415, "image/png", b"\x89PNG", "Content-Type", RECORDIO),
    (400, "text/csv", b"1,2,3\n", "line 1", "the row has 3 numbers, and the model's rows have 4"),
    (400, "text/csv", b"1,2,3,4\n1,2,x,4\n", "line 2, cell 3", "'x' is no finite number"),
    (400, "text/csv", b"1,2,3,nan\n", "line 1, cell 4", "'nan' is no finite number"),
    (400, "text/csv", b"1,2,3,1e39\n", "line 1, cell 4", "out of the range of float32"),
    (400, "text/csv", b'1,2,3,"4"" x"\n', "line 1, cell 4", "no finite number"),
    (400, "text/csv", b"1,2,3,4\n1,2,3,-1e19\n", "line 2", "a number beyond 1e+18"),
    (400, RECORDIO, records.encode_features(np.full((3, 4), 3e38, np.float32)), "record 1", "a number beyond 1e+18"),
    (400, "text/csv", b"1,2,3,1_0\n", "line 1, cell 4", "'1_0' is no finite number"),
    (400, "text/csv", b"1,2,3,4\n\n", "line 2", "the line holds no numbers"),
    (400, "text/csv", b'1,2,3,4\n" \n"\n', "line 2", "all blank"),
    (400, "text/csv;label_size=x", b"1,2,3,4\n", "line 1", "label_size is 'x'"),
    (400, JSON, encoded({"instances": [ROW, {"features": [1, 2]}]}), "instances[1]", "2 numbers; expected 4"),
    (400, JSON, encoded({"instances": [ROW], "configuration": {"n": 3}}), "instances[0]", "kmeans has no options"),
    (400, JSON, encoded({"instances": [{"feature": ROW}]}), "instances[0]", "feature"),
    (400, JSON, b'{"instances": [{"features": [1, 2, 3, null]}]}', "instances[0]", "null"),
    (400, LINES, encoded(ROW) + b"\n[1]\n", "line 2", "1 numbers; expected 4"),
    (400, RECORDIO, records.encode_features(np.ones((2, 3), np.float32)), None, "the rows have 3 numbers"),
    (400, RECORDIO, records.encode_features(np.ones((2, 4), np.float32))[:-3], "record 2", "announces"),
    (400, RECORDIO, b"1,2,3,4", "record 1", ""),
    (400, RECORDIO, b"", None, "empty"),
    (400, NPY, npy.encode(np.ones((2, 3))), None, "the rows have 3 numbers"),
    (400, NPY, b"1,2", None, "no .npy"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "content_type", "body", "at", "words"),
    REFUSED,
    ids=[f"{i} {words}"[:40] for i, (*_, words) in enumerate(REFUSED)],
)
def test_what_is_wrong_is_told_in_a_sentence(door, status, content_type, body, at, words):
    """[107]"""
    answer = send(door, body, content_type)
    assert (answer.status, answer.headers["content-type"]) == (status, JSON)
    assert words in answer.json["error"]
    assert (answer.json.get("at") or "").startswith(at or "")


def test_not_acceptable_names_all_families(door):
    """[103]"""
    answer = send(door, b"1,2,3,4", "text/csv", "image/png")
    assert answer.status == 406
    assert f"{RECORDIO}, {NPY}" in answer.json["error"]


def test_an_empty_body_of_a_batch_has_no_answers(model):
    """[108]"""
    batch = in_process(ALGORITHMS, model, {"SAGEMAKER_BATCH": "true"})
    answer = send(batch, b"", RECORDIO)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"", RECORDIO)
    assert send(batch, b"10,0,0,3\n", "text/csv").body == b"1.0,3.0\n"
    assert send(batch, SENT[RECORDIO], RECORDIO).body == GOLDEN


def test_a_batch_is_answered_as_its_rows_one_by_one(tmp_path):
    """Invariant 6."""
    made = blobs(9, each=30)
    closest = trained(tmp_path / "job", {"train": {"a.csv": csv(made.rows)}}, k=9).closest
    together = closest.predict(list(made.rows))
    alone = [closest.predict([row])[0] for row in made.rows]
    assert [each.closest_cluster for each in together] == [each.closest_cluster for each in alone]
    np.testing.assert_allclose(
        [each.distance_to_cluster for each in together], [each.distance_to_cluster for each in alone], rtol=1e-6
    )
    assert len({each.closest_cluster for each in together}) == 9


def test_it_is_a_predictor_of_matrices(model):
    assert isinstance(kmeans.load(model), MatrixPredictor)


@pytest.mark.parametrize(
    ("arrays", "algorithm", "told"),
    [
        ({}, "kmeans", "'centroids' should be a matrix of float32"),
        ({"centroids": np.ones((2, 2))}, "kmeans", "should be a matrix of float32"),
        ({"centroids": np.ones((0, 2), np.float32)}, "kmeans", "should be a matrix of float32"),
        ({"centroids": np.full((1, 2), np.nan, np.float32)}, "kmeans", "not finite"),
        ({"centroids": CENTROIDS}, "recommender", "was made by the algorithm 'recommender'"),
    ],
)
def test_a_model_that_is_none_of_ours_is_refused(tmp_path, arrays, algorithm, told):
    manifest = Manifest(algorithm=algorithm, hyperparameters={}, seed=0, fingerprint="", versions={}, metrics={})
    shelf.write(tmp_path, manifest=manifest, arrays=arrays, strings={})
    with pytest.raises(UserError, match=told):
        kmeans.load(tmp_path)


ASKING = """
import sys
from pathlib import Path
from kit.transports import in_process
from kindred.algorithms import ALGORITHMS
from kindred.codecs import records
import numpy as np

door = in_process(ALGORITHMS, Path(sys.argv[1]))
sent = {"text/csv": b"1,2,3,4", "application/json": b"[[1,2,3,4]]", "application/x-npy": None,
        "application/x-recordio-protobuf": records.encode_features(np.ones((3, 4), np.float32))}
for content_type, body in sent.items():
    if body:
        headers = {"Content-Type": content_type, "Accept": "application/x-recordio-protobuf"}
        assert door.send("POST", "/invocations", body=body, headers=headers).status == 200
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
HEAVY = {"sklearn", "scipy", "pandas", "polars", "dask", "sagemaker_training", "joblib", "threadpoolctl"}


def test_answering_needs_numpy_alone(model):
    """Invariant 14."""
    ended = subprocess.run(
        [sys.executable, "-c", ASKING, str(model)],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert set(ended.stdout.split()) & HEAVY == set()
