"""What training left is opened as it was, and refused in a sentence where it is not ours or not whole."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from algorithms.jobs import Trained, films
from kindred.artefact import manifest as manifests
from kindred.desk import stock
from kindred.errors import UserError


@pytest.fixture
def model(sample: Trained, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sample.base / "model", tmp_path / "model"))


def rewritten(model: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Change the manifest as somebody with an editor might."""
    path = model / manifests.NAME
    content = msgspec.json.decode(path.read_bytes())
    change(content)
    path.write_bytes(msgspec.json.encode(content))
    return model


def refusal(model: Path) -> str:
    with pytest.raises(UserError) as caught:
        stock.take(model)
    assert caught.value.at == manifests.NAME
    sentence = caught.value.sentence
    assert sentence[0].islower()
    assert not sentence.endswith(".")
    return sentence


def test_ids_titles_and_columns_come_back(sample: Trained):
    opened = sample.desk.stock
    everything = range(len(opened.ids))
    assert set(opened.ids.many(everything)) == set(films())
    for number, item_id in zip(everything, opened.ids.many(everything), strict=True):
        assert opened.titles[number] == films()[item_id]["title"]
        assert opened.columns["year"].numbers[number] == float(films()[item_id]["year"])
    assert set(opened.columns) == {"genres", "year", "runtime"}


def test_an_opened_model_cannot_be_written_to(sample: Trained):
    with pytest.raises(ValueError, match="read-only"):
        sample.desk.stock.scorer.clusters[0] = 1


def test_histories_are_those_of_the_sample(sample: Trained):
    users = sample.desk.stock.users
    assert len(users.ids) == 600
    assert users.liked.dtype == np.bool_
    assert 0 < users.liked.sum() < len(users.liked) == users.starts[-1] == len(users.items)


def test_another_algorithms_model_is_refused(model: Path):
    sentence = refusal(rewritten(model, lambda content: content.update(algorithm="kmeans")))
    assert sentence == "the model was made by the algorithm 'kmeans', not by 'recommender'"


@pytest.mark.parametrize("name", ["kind", "labels", "features", "columns", "recency", "positive_from", "users"])
def test_a_lost_fact_is_named(model: Path, name: str):
    assert f"`{name}`" in refusal(rewritten(model, lambda content: content["facts"].pop(name)))


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("kind", "neural", "neural"),
        ("kind", "ensemble", "model.labels"),
        ("labels", ["one"], "16 clusters, but 1 labels"),
        ("labels", "all", "labels"),
        ("columns", {"genres": "text"}, "text"),
        ("columns", {"studio": "categorical"}, "columns.studio.codes"),
        ("columns", {"genres": "categorical"}, "'year'"),
        ("recency", "fast", "recency"),
    ],
)
def test_a_damaged_fact_is_refused(model: Path, fact: str, value: Any, said: str):
    assert said in refusal(rewritten(model, lambda content: content["facts"].update({fact: value})))


def test_a_folder_without_a_model_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="no model in"):
        stock.take(tmp_path)
