"""`serve` in the real container, asked over HTTP."""

import json

import pytest

from kit import boxes

pytestmark = [pytest.mark.docker, pytest.mark.slow]

SPACE = {
    "alien", "aliens", "arrival", "blade-runner", "contact", "dune",
    "gravity", "interstellar", "matrix", "moon", "star-wars", "terminator",
}  # fmt: skip


@pytest.fixture(scope="module")
def served(image, model):
    with boxes.serving(image, model) as box:
        yield box


def test_csv_lines_are_answered_each_in_its_taste(served):
    """[2, 128, 184]"""
    answer = boxes.post(
        served.url() + "/invocations",
        b"alien,blade-runner,matrix\namelie,notting-hill\n",
        content_type="text/csv",
        accept="text/csv",
    )
    fond_of_space, fond_of_love = (line.split(",") for line in answer.decode().splitlines())
    assert set(fond_of_space[:5]) <= SPACE - {"alien", "blade-runner", "matrix"}
    assert not set(fond_of_love[:5]) & SPACE


def test_json_answers_carry_title_and_reason(served):
    """[2]"""
    body = json.dumps({"instances": [{"history": ["amelie"]}, {"user_id": "stella-01"}], "configuration": {"n": 3}})
    answer = json.loads(boxes.post(served.url() + "/invocations", body.encode(), content_type="application/json"))
    from_history, from_user = answer["predictions"]
    assert (from_history["source"], from_user["source"]) == ("history", "user")
    assert len(from_history["recommendations"]) == len(from_user["recommendations"]) == 3
    best = from_history["recommendations"][0]
    assert best["title"]
    assert best["because"] == ["amelie"]
    assert best["item_id"] not in SPACE


def test_stop_ends_serving_cleanly_and_quickly(image, model):
    """[3, 99]"""
    with boxes.serving(image, model) as box:
        status, seconds = box.stop()
    assert status == 0
    assert seconds < 5


def test_serves_where_nothing_can_be_written(image, model):
    """[98, 134, 148]"""
    with boxes.serving(image, model, options=("--read-only",)) as box:
        answer = boxes.post(box.url() + "/invocations", b"alien\n", content_type="text/csv", accept="text/csv")
    assert answer.decode().strip()


def test_serves_on_the_port_that_sagemaker_names(image, model):
    """[93, 117]"""
    options = ("--env", "SAGEMAKER_BIND_TO_PORT=9090", "--volume", f"{model}:/opt/ml/model:ro")
    ask = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9090/ping', timeout=2).status)"
    with boxes.running(image, "serve", options=options) as box:
        boxes.wait_for(lambda: boxes.docker("exec", box.id, "python", "-c", ask).stdout == "200\n", box=box)
