"""`kindred spec`, and the page that is printed by it (contract line 92)."""

import json
import subprocess
import sys

import pytest

import kindred
from kindred.algorithms import ALGORITHMS
from kindred.contract import command, specification
from kindred.contract.specification_page import page
from kit.echo import ECHO
from kit.sources import ROOT

NAMES = [algorithm.name for algorithm in ALGORITHMS]


def asked(capsys, *arguments):
    assert command.main(ALGORITHMS, arguments=["spec", *arguments]) == 0
    return capsys.readouterr().out


def test_the_page_in_docs_is_fresh():
    """[92] one declaration: the page is printed from the tables that validate"""
    written = (ROOT / "docs" / "hyperparameters.md").read_text(encoding="utf-8")
    assert written == page(ALGORITHMS), "stale: kindred spec --format markdown > docs/hyperparameters.md"


def test_every_row_of_every_table_is_on_the_page():
    """[92]"""
    for algorithm in (*ALGORITHMS, ECHO):
        text = page([algorithm])
        rows = (*algorithm.hyperparameters, *algorithm.channels, *algorithm.metrics)
        assert [row.name for row in rows if f"\n| `{row.name}` |" not in text] == []
        tables = [line for line in text.replace(r"\|", "").splitlines() if line.startswith("|")]
        assert len(tables) == len(rows) + 6
        assert {line.count("|") for line in tables} == {6, 7, 5}


def test_one_algorithm_is_a_document_that_the_cli_takes(capsys):
    """[92]"""
    for algorithm in ALGORITHMS:
        document = json.loads(asked(capsys, algorithm.name, "--image", "host/kindred:1"))
        assert document == specification.create_algorithm(algorithm, image="host/kindred:1")


def test_several_algorithms_stand_under_their_names(capsys):
    """[92]"""
    assert list(json.loads(asked(capsys))) == NAMES


@pytest.mark.parametrize("part", command.PARTS)
def test_a_part_is_what_its_function_says(part, capsys):
    """[92] MetricDefinitions for a plain Estimator, objectives and ranges for a tuner"""
    for algorithm in ALGORITHMS:
        assert json.loads(asked(capsys, algorithm.name, "--part", part)) == command.PARTS[part](algorithm)


def test_a_page_of_one_algorithm_has_no_other(capsys):
    text = asked(capsys, "recommender", "--format", "markdown")
    assert text == page([each for each in ALGORITHMS if each.name == "recommender"])
    assert "## kmeans" not in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["spec", "kmean"], "choose from"),
        (["spec", "--part", "metrics", "--format", "markdown"], "--part is for --format json"),
        (["spce"], "COMMAND"),
        ([], "COMMAND"),
    ],
)
def test_what_is_not_understood_ends_with_a_sentence(arguments, sentence, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(ALGORITHMS, arguments=arguments)
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


def test_the_module_answers_where_no_script_is_installed():
    """[92] in the image, whose programs are `train` and `serve`"""
    said = subprocess.run(
        [sys.executable, "-m", "kindred.entry", "kindred", "--version"], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"kindred {kindred.__version__}\n"
