"""What k-means answers with, chosen by the environment or by the request (contract lines 119, 152, 165)."""

import json
from pathlib import Path

import numpy as np
import pytest

from algorithms.test_kmeans_serving import CENTROIDS, ROW, write_model
from kindred.algorithms import ALGORITHMS
from kindred.algorithms.kmeans_serving import Closest
from kindred.codecs import npy, records
from kindred.errors import UserError
from kit.blobs import blobs
from kit.transports import Answer, InProcess, in_process

CUSTOM = "X-Amzn-SageMaker-Custom-Attributes"
FAR = [3.0, float(np.float32(np.hypot(10, 3))), float(np.float32(np.sqrt(209)))]
WHOLE = {
    "closest_cluster": 1.0,
    "distance_to_cluster": 3.0,
    "distances": [FAR[1], FAR[0], FAR[2]],
    "one_hot": [0.0, 1.0, 0.0],
    "top_clusters": [1.0, 0.0, 2.0],
    "top_distances": FAR,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return write_model(tmp_path_factory.mktemp("outputs") / "model")


@pytest.fixture(scope="module")
def door(model) -> InProcess:
    return in_process(ALGORITHMS, model)


def send(door, *, body=None, content_type="application/json", **headers) -> Answer:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    body = json.dumps({"instances": [ROW]}).encode() if body is None else body
    return door.send("POST", "/invocations", body=body, headers={"Content-Type": content_type, **said})


@pytest.mark.parametrize("name", WHOLE)
def test_each_output_alone(door, name):
    """[152] [174] In JSON under its name, in CSV as cells, in records as a label, in npy as columns."""
    value = WHOLE[name]
    numbers = value if isinstance(value, list) else [value]
    chosen = {CUSTOM: f"output={name}"}
    assert send(door, **chosen).json == {"predictions": [{name: value}]}
    assert send(door, Accept="text/csv", **chosen).body == ",".join(map(repr, numbers)).encode()
    (record,) = records.read(send(door, Accept="application/x-recordio-protobuf", **chosen).body)
    assert {key: tensor.values.tolist() for key, tensor in record.label.items()} == {name: numbers}
    assert npy.decode(send(door, Accept="application/x-npy", **chosen).body).tolist() == [numbers]


def test_all_of_them_in_the_order_asked_for(door):
    """[152] By the Accept header's parameter."""
    answer = send(door, Accept='application/json; output="top_clusters,distances|one_hot"')
    assert list(answer.json["predictions"][0]) == ["distances", "one_hot", "top_clusters"]
    answer = send(door, Accept="text/csv; output=one_hot|closest_cluster")
    assert answer.body == b"0.0,1.0,0.0,1.0"


def test_the_environment_chooses_and_a_request_overrules(model):
    """[111, 152]"""
    door = in_process(ALGORITHMS, model, {"SAGEMAKER_INFERENCE_OUTPUT": "closest_cluster"})
    assert send(door).json == {"predictions": [{"closest_cluster": 1.0}]}
    assert send(door, **{CUSTOM: "output=one_hot"}).json == {"predictions": [{"one_hot": [0.0, 1.0, 0.0]}]}


def test_as_many_of_the_nearest_as_wished(door):
    assert send(door, Accept="text/csv;output=top_clusters:2").body == b"1.0,0.0"
    assert send(door, Accept="text/csv;output=top_clusters:9").body == b"1.0,0.0,2.0"


@pytest.mark.parametrize("wish", ["closest", "top_clusters:0", "one_hot:3", "one_hot one_hot", "top_clusters:x"])
def test_a_wish_that_cannot_be(door, wish):
    """[107, 152]"""
    answer = send(door, **{CUSTOM: f"output={wish}"})
    assert (answer.status, answer.json["at"]) == (400, "output")


def test_outputs_agree_with_each_other():
    """The nearest of all distances is the one that is answered by default; one row is as many."""
    made = blobs(9, each=30)
    centroids = np.ascontiguousarray(made.rows[::7])
    names = ("closest_cluster", "distance_to_cluster", "distances", "one_hot", "top_clusters", "top_distances")
    plain, full = Closest(centroids=centroids), Closest(centroids=centroids).answering(names)
    rows = list(made.rows)
    for before, after in zip(plain.predict(rows), full.predict(rows), strict=True):
        assert (after.closest_cluster, after.distance_to_cluster) == (
            before.closest_cluster,
            before.distance_to_cluster,
        )
        assert after.top_clusters[0] == after.closest_cluster == np.argmax(after.one_hot)
        assert after.top_distances == sorted(after.top_distances)
        assert after.distances[int(after.closest_cluster)] == after.distance_to_cluster
        np.testing.assert_allclose(min(after.distances), after.distance_to_cluster, rtol=1e-6)
    assert sum(full.predict(rows)[0].one_hot) == 1


def test_what_has_no_choice_says_so():
    with pytest.raises(UserError, match="did you mean 'distances'"):
        Closest(centroids=CENTROIDS).answering(["distance"])


def test_clarify(door):
    """[119] CSV of several lines and both forms of JSON Lines, as Clarify sends them; label first, score next."""
    rows = [ROW, [0, 10, 0, 5]]
    body = "\n".join(",".join(map(str, row)) for row in rows).encode()
    answer = send(door, body=body, content_type="text/csv", Accept="text/csv")
    assert [line.split(",") for line in answer.body.decode().splitlines()] == [["1.0", "3.0"], ["2.0", "5.0"]]
    for form in (lambda row: {"features": row}, lambda row: {"data": {"features": row}}):
        body = "\n".join(json.dumps(form(row)) for row in rows).encode()
        answer = send(door, body=body, content_type="application/jsonlines", Accept="application/jsonlines")
        told = [json.loads(line) for line in answer.body.splitlines()]
        assert [(each["closest_cluster"], each["distance_to_cluster"]) for each in told] == [(1, 3), (2, 5)]


def test_inputs_and_pandas_split(door):
    """[165] What users try first."""
    plain = send(door).body
    split = {"columns": ["a", "b", "c", "d"], "index": [0], "data": [ROW]}
    for form in ({"inputs": [ROW]}, {"inputs": ROW}, {"inputs": [{"features": ROW}]}, split):
        assert send(door, body=json.dumps(form).encode()).body == plain
    ragged = send(door, body=json.dumps({**split, "data": [ROW, [1]]}).encode())
    assert (ragged.status, ragged.json["at"]) == (400, "data[1]")


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("application/x-recordio-protobuf", "application/x-recordio-protobuf"),
        ("application/x-npy", "application/x-npy"),
        ("application/jsonlines", "application/jsonlines"),
    ],
)
def test_any_type_may_be_the_default(model, type_, expected):
    """[103] SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT names any type that can be answered."""
    door = in_process(ALGORITHMS, model, {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": type_})
    assert send(door).headers["content-type"] == expected
    assert send(door, Accept="text/csv").body == b"1.0,3.0"


def test_in_a_pipeline(model):
    """[151, 152] First: one hot columns for the next container. Last: another's charset, and Accept of the caller."""
    first = in_process(ALGORITHMS, model, {"SAGEMAKER_INFERENCE_OUTPUT": "one_hot"})
    columns = send(first, body=b"10,0,0,3\n0,0,0,1\n", content_type="text/csv")
    assert (columns.body, columns.headers["content-type"]) == (b"0.0,1.0,0.0\n1.0,0.0,0.0", "text/csv; charset=utf-8")
    last = in_process(ALGORITHMS, write_model(model.parent / "last", np.eye(3, dtype=np.float32)))
    told = send(last, body=columns.body, content_type=columns.headers["content-type"], Accept="application/json")
    assert [each["closest_cluster"] for each in told.json["predictions"]] == [1.0, 0.0]


def test_a_bad_record_is_kept_to_its_row(door):
    """[129] In every type of answer; the others are answered as ever."""
    keep = {CUSTOM: "bad_records=keep"}
    body = b'10,0,0,3\n1,2\n"x"y,1\n1,2,3,1e30\n0,10,0,5\n'
    answer = send(door, body=body, content_type="text/csv", **keep)
    assert answer.body == b"1.0,3.0\nERROR\nERROR\nERROR\n2.0,5.0"
    told = send(door, body=body, content_type="text/csv", Accept="application/json", **keep).json["predictions"]
    assert [each.get("at") for each in told] == [None, "line 2", "line 3", "line 4", None]
    numbers = npy.decode(send(door, body=body, content_type="text/csv", Accept="application/x-npy", **keep).body)
    assert np.isnan(numbers[1:4]).all()
    assert numbers[[0, 4]].tolist() == [[1, 3], [2, 5]]
    assert send(door, body=body, content_type="text/csv").status == 400
    frames = records.encode_features(np.float32([ROW, [1, 1, 1, np.nan], [0, 10, 0, 5]]))
    recordio = "application/x-recordio-protobuf"
    told = send(door, body=frames, content_type=recordio, Accept="application/json", **keep).json["predictions"]
    assert [each.get("at") for each in told] == [None, "record 2", None]
    assert send(door, body=frames, content_type=recordio).status == 400


def test_a_mean_distance_for_cloudwatch():
    """[155] What moves away from what was trained on shows in a figure."""
    closest = Closest(centroids=CENTROIDS)
    assert closest.figures(closest.predict([np.float32(ROW), np.float32([0, 10, 0, 5])])) == {"distance_to_cluster": 4}
    assert closest.figures([]) == {}
