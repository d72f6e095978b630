"""Inference pipelines of real containers: each answer is the next one's request."""

import json
from pathlib import Path

import numpy as np
import pytest

from container.test_serve import SPACE
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kit import boxes
from kit.blobs import blobs
from kit.chain import Chain, Link, chained

pytestmark = [pytest.mark.docker, pytest.mark.slow]

CSV = "text/csv; charset=utf-8"
BLOBS = blobs(3, each=20, d=5)
MIDDLE, LAST = np.array([1, 2, 0]), np.array([2, 0, 1])
"""Which cluster of the one before each centroid stands for: a label is another number after every container."""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Three of k-means, each for what the one before answers: rows, their distances to the centres, one-hot columns."""
    folder = tmp_path_factory.mktemp("pipeline")
    distances = np.linalg.norm(BLOBS.centres[:, None] - BLOBS.centres, axis=2)
    centroids = (BLOBS.centres, distances[MIDDLE], np.eye(3)[LAST])
    return [_written(folder / str(number), each) for number, each in enumerate(centroids)]


@pytest.fixture(scope="module")
def plain(image, models):
    """As one would set it up: CSV from door to door."""
    first = Link(model=models[0], environ={"SAGEMAKER_INFERENCE_OUTPUT": "distances"})
    middle = Link(model=models[1], environ={"SAGEMAKER_INFERENCE_OUTPUT": "one_hot"})
    with chained(image, [first, middle, Link(model=models[2])]) as chain:
        yield chain


@pytest.mark.parametrize("copies", [1, 500], ids=["held whole", "block by block"])
def test_rows_go_through_three_containers_and_come_out_as_their_cluster(plain, copies):
    """[15, 93, 117, 151, 152] the first featurises, the middle takes and gives CSV, the last heeds the caller"""
    count, answer = plain.invoke(_csv(BLOBS.rows) * copies, "text/csv", accept="application/json")
    assert (count, answer.status, answer.headers["content-type"]) == (3, 200, "application/json")
    predictions = answer.json["predictions"]
    assert [each["closest_cluster"] for each in predictions] == _expected().tolist() * copies
    assert {each["distance_to_cluster"] for each in predictions} == {0.0}


def test_without_accept_the_last_answers_as_it_was_asked(plain):
    """[103, 151]"""
    count, answer = plain.invoke(_csv(BLOBS.rows), "text/csv")
    assert (count, answer.headers["content-type"]) == (3, CSV)
    assert answer.body.decode().split("\n") == [f"{each:.1f},0.0" for each in _expected()]


def test_each_container_may_speak_another_language(image, models):
    """[103, 111, 151] JSON in, then CSV, then npy, and what the caller accepts in the end"""
    speaking = {"distances": "text/csv", "one_hot": "application/x-npy"}
    links = [
        Link(model=model, environ={"SAGEMAKER_INFERENCE_OUTPUT": output, "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": type_})
        for model, (output, type_) in zip(models, speaking.items(), strict=False)
    ]
    with chained(image, [*links, Link(model=models[2])]) as chain:
        body = json.dumps({"instances": [{"features": row} for row in BLOBS.rows.tolist()]}).encode()
        count, answer = chain.invoke(body, "application/json", accept="application/jsonlines")
    assert (count, answer.status, answer.headers["content-type"]) == (3, 200, "application/jsonlines")
    assert [json.loads(line)["closest_cluster"] for line in answer.body.splitlines()] == _expected().tolist()


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "refused"),
    [
        (b"1,2,3,4,5\n1,two,3,4,5\n", "text/csv", "application/json", (1, 400, "line 2, cell 2")),
        (b"1,2,3,4,5\n1,2,3\n", "text/csv", "application/json", (1, 400, "line 2")),
        (b"1,2,3,4,5\n", "image/png", "application/json", (1, 415, "Content-Type")),
        (b"1,2,3,4,5\n", "text/csv", "image/png", (3, 406, "Accept")),
    ],
    ids=["no number", "too short", "no type of ours", "the last one's type"],
)
def test_a_refusal_comes_back_as_the_container_said_it(plain, body, content_type, accept, refused):
    """[107, 151]"""
    count, answer = plain.invoke(body, content_type, accept=accept)
    assert (count, answer.status, answer.json["at"]) == refused


def test_containers_that_do_not_fit_say_so(plain):
    """[107, 151] the last before the middle: a label and a distance, where three columns are wanted"""
    count, answer = Chain(plain.doors[::-1]).invoke(b"0,1,0\n", "text/csv")
    assert (count, answer.status) == (2, 400)
    assert "3" in answer.json["error"]


def test_a_segment_becomes_films(image, models, world):
    """[151, 152] k-means says which segment a row is of; to the recommender a segment is one item of a history."""
    first = Link(model=models[0], environ={"SAGEMAKER_INFERENCE_OUTPUT": "closest_cluster"})
    with chained(image, [first, Link(model=_segments(image, world))]) as chain:
        count, answer = chain.invoke(_csv(BLOBS.centres[[0, 1]]), "text/csv", accept="application/json")
    assert (count, answer.status) == (2, 200)
    told = [each["recommendations"][:5] for each in answer.json["predictions"]]
    space, love = ({each["item_id"] for each in films} for films in told)
    assert len(space) == len(love) == 5
    assert space <= SPACE
    assert not love & SPACE
    assert {tuple(each["because"]) for films in told for each in films} == {("0.0",), ("1.0",)}


def _expected():
    """The last label of each row, by the two orders in which the centroids stand."""
    middle = np.argsort(MIDDLE)[BLOBS.labels]
    return np.argsort(LAST)[middle].astype(float)


def _csv(rows) -> bytes:
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist()).encode()


def _written(folder: Path, centroids) -> Path:
    manifest = Manifest(algorithm="kmeans", hyperparameters={}, seed=0, fingerprint="", versions={}, metrics={})
    shelf.write(folder, manifest=manifest, arrays={"centroids": centroids.astype(np.float32)}, strings={})
    return folder


def _segments(image: str, world: Path) -> Path:
    """Train on the tiny world, in which everybody also likes the segment that they are of, as k-means writes it."""
    table = world / "input" / "data" / "interactions" / "interactions.csv"
    lines = table.read_text().splitlines()
    users = sorted({line.partition(",")[0] for line in lines[1:]})
    liked = [f"{user},{'0.0' if user.startswith('stella') else '1.0'},5,1700000000" for user in users]
    table.write_text("\n".join([*lines, *liked]) + "\n")
    ended = boxes.run(image, "train", base=world)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return world / "model"
