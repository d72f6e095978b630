"""The OpenAPI documents in docs/: as they would be written now, and in step with what serve takes and answers."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kindred
from algorithms.test_kmeans_serving import write_model
from kindred.algorithms import ALGORITHMS
from kindred.contract import command
from kindred.contract.negotiation import ASKED, FAMILIES, MATRICES
from kindred.contract.serving import openapi
from kindred.contract.serving.wishes import OPTIONS
from kit.transports import InProcess, in_process

ROOT = Path(__file__).parents[3]
DOCUMENTS = {each.name: openapi.document(each, version=kindred.__version__) for each in ALGORITHMS}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_the_one_that_would_be_written(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`kindred spec NAME --part openapi > docs/openapi/NAME.json` writes it again."""
    assert command.main(ALGORITHMS, arguments=["spec", name, "--part", "openapi"]) == 0
    printed = capsys.readouterr().out
    assert (ROOT / "docs" / "openapi" / f"{name}.json").read_text() == printed
    assert json.loads(printed) == json.loads(json.dumps(DOCUMENTS[name]))


@pytest.mark.parametrize(
    ("name", "families", "asked"), [("kmeans", (*FAMILIES, *MATRICES), ASKED), ("recommender", FAMILIES, ())]
)
def test_it_names_every_type(name: str, families: tuple, asked: tuple) -> None:
    """Those that the door speaks, in and out; every reference leads somewhere; every option is told of."""
    post = DOCUMENTS[name]["paths"]["/invocations"]["post"]
    types = {family.type for family in families}
    assert set(post["responses"]["200"]["content"]) == types
    assert set(post["requestBody"]["content"]) == types | {family.type for family in asked}
    text = json.dumps(DOCUMENTS[name])
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in DOCUMENTS[name]["components"]["schemas"]
    assert all(f"{option}: " in post["parameters"][0]["description"] for option in OPTIONS)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    return in_process(ALGORITHMS, write_model(tmp_path_factory.mktemp("openapi")))


NUMBERS = st.lists(st.floats(-9e17, 9e17), min_size=4, max_size=4)
VECTORS = st.fixed_dictionaries({"values": NUMBERS}, optional={"shape": st.just([4])}) | st.just(
    {"values": [1.0], "keys": [3], "shape": [4]}
)
INSTANCES = (
    NUMBERS
    | st.fixed_dictionaries({"features": NUMBERS | VECTORS}, optional={"configuration": st.just({})})
    | st.fixed_dictionaries({"data": NUMBERS | st.fixed_dictionaries({"features": NUMBERS | VECTORS})})
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instances=st.lists(INSTANCES, min_size=1, max_size=3))
def test_every_form_that_k_means_declares_is_taken(door: InProcess, instances: list) -> None:
    """[165] The types of the document and the reader agree."""
    body = json.dumps({"instances": instances}).encode()
    answer = door.send("POST", "/invocations", body=body, headers={"Content-Type": "application/json"})
    assert (answer.status, len(answer.json["predictions"])) == (200, len(instances))
