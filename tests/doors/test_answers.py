"""The recommender behind the real `serve`: what a client sends, what it gets, and what serving may not cost."""

import json
from pathlib import Path
from typing import Any

import pytest

from kit.transports import Answer, Process

pytestmark = pytest.mark.slow

SPACE = ["alien-1979", "blade-runner-1982", "the-empire-strikes-back-1980"]


def ask(served: Process, value: Any, **headers: str) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return served.http.send("POST", "/invocations", body=body, headers={"Content-Type": "application/json", **headers})


def test_json_answers_every_subject_in_order(served: Process):
    """[128]"""
    instances = [
        {"history": SPACE},
        {"user_id": "viewer-0001"},
        {"item_id": "alien-1979"},
        {"item": {"genres": ["Western"], "year": 1961}},
        {},
    ]
    answer = ask(served, {"instances": instances, "configuration": {"n": 3}})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    predictions = answer.json["predictions"]
    assert [each["source"] for each in predictions] == ["history", "user", "item", "content", "popular"]
    assert [len(each["recommendations"]) for each in predictions] == [3] * 5
    best = predictions[0]["recommendations"][0]
    explained = {"cluster", "label", "because", "contributions", "parts"}
    assert set(best) - {"others"} == {"item_id", "title", "score"} | explained
    assert set(predictions[0]["clusters"][0]) == {"cluster", "label", "weight"}


def test_json_lines_and_csv_say_the_same_as_json(served: Process):
    """[101, 105, 128, 151]"""
    histories = [SPACE, SPACE[:1], []]
    whole = ask(served, {"instances": [{"history": one} for one in histories], "configuration": {"n": 5}}).json
    wanted = [[each["item_id"] for each in one["recommendations"]] for one in whole["predictions"]]
    lines = "\n".join(json.dumps({"history": one, "n": 5}) for one in histories).encode()
    as_lines = ask(served, lines, **{"Content-Type": "application/jsonlines"})
    found = [json.loads(line) for line in as_lines.body.splitlines()]
    assert [[each["item_id"] for each in one["recommendations"]] for one in found] == wanted
    rows = "".join(",".join(one) + "\n" for one in histories).encode()
    as_csv = ask(
        served, rows, **{"Content-Type": "text/csv; charset=utf-8", "X-Amzn-SageMaker-Custom-Attributes": "n=5"}
    )
    assert [line.split(",") for line in as_csv.body.decode().splitlines()] == wanted


@pytest.mark.parametrize("content_type", ["text/csv", "application/jsonlines"])
def test_answers_can_be_joined_to_their_input(served: Process, content_type: str):
    """[131] JoinSource=Input: a line for a line, in the same family, and the key SageMakerOutput is the platform's."""
    histories = [SPACE, ["nobody-knows-this"], SPACE[:1], SPACE[1:]]
    lines = [",".join(one) if content_type == "text/csv" else json.dumps({"history": one}) for one in histories]
    answer = ask(served, "\n".join(lines).encode(), **{"Content-Type": content_type, "Accept": content_type})
    assert answer.headers["content-type"].partition(";")[0] == content_type
    answered = answer.body.decode().splitlines()
    assert len(answered) == len(lines)
    if content_type == "application/jsonlines":
        objects = [json.loads(line) for line in answered]
        assert not any("SageMakerOutput" in each for each in objects)
        assert [each.get("unknown") for each in objects] == [None, ["nobody-knows-this"], None, None]


@pytest.mark.parametrize("content_type", ["text/csv; input=user_id", "text/csv;header=absent;input=user_id"])
def test_a_csv_line_can_be_a_user(served: Process, content_type: str):
    """[101]"""
    answer = ask(served, b"viewer-0001\nviewer-0002\n", **{"Content-Type": content_type})
    assert answer.status == 200
    assert len(answer.body.decode().splitlines()) == 2


def test_foreign_csv_parameters_are_let_through(served: Process):
    """[48, 105] `label_size` and a caller's own attributes are not options of ours."""
    headers = {"Content-Type": "text/csv;label_size=0", "X-Amzn-SageMaker-Custom-Attributes": "trace=abc"}
    answer = ask(served, b"alien-1979\n", **headers)
    assert answer.status == 200
    assert answer.headers["x-amzn-sagemaker-custom-attributes"] == "trace=abc"


def test_unknown_ids_alone_give_the_popular_ones_and_say_so(served: Process):
    (prediction,) = ask(served, {"instances": [{"history": ["nobody", "knows"]}]}).json["predictions"]
    assert prediction["source"] == "popular"
    assert prediction["unknown"] == ["nobody", "knows"]
    assert len(prediction["recommendations"]) == 10


REFUSED = {
    "n is 0": ({"instances": [{"n": 0}]}, 400, "instances[0].n"),
    "n is a milliard": ({"instances": [{}, {"history": [], "n": 10**9}]}, 400, "instances[1].n"),
    "an unknown user": ({"instances": [{"user_id": "nobody"}]}, 404, "instances[0].user_id"),
    "an unknown item": ({"instances": [{}, {"item_id": "nothing"}]}, 404, "instances[1].item_id"),
    "a history of objects without ids": ({"instances": [{"history": [{"rating": 3}]}]}, 400, "instances[0].history[0]"),
    "an unknown column": ({"instances": [{"filter": {"genre": ["Drama"]}}]}, 400, "instances[0].filter.genre"),
    "nested a thousand deep": (b"[" * 1000 + b"]" * 1000, 400, None),
    "not UTF-8": (b'{"instances": [{"history": ["\xff\xfe"]}]}', 400, None),
    "not JSON": (b"{", 400, None),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_request_is_refused_in_one_sentence_that_names_the_place(served: Process, case: str):
    """[107]"""
    body, status, at = REFUSED[case]
    answer = ask(served, body)
    assert answer.status == status
    assert set(answer.json) <= {"error", "at"}
    assert answer.json.get("at") == at or at is None
    assert "Traceback" not in answer.json["error"]
    assert "\n" not in answer.json["error"]


HEAVY = ("sklearn", "scipy", "pandas", "polars", "dask", "sagemaker_training")


def test_serving_maps_none_of_the_heavy_libraries(served: Process):
    """[147] Invariant 14: start-up time and memory are features."""
    for pid in [served.popen.pid, *served.workers()]:
        mapped = Path(f"/proc/{pid}/maps").read_text()
        assert "numpy" in mapped
        assert [name for name in HEAVY if f"/{name}" in mapped] == []
