"""`kindred divide`, and the file that `kindred evaluate --out` leaves, as a person types them."""

import json
import subprocess
import sys

import pytest

from kit.real_train import SAMPLE

pytestmark = pytest.mark.slow


def _typed(*words):
    command = [sys.executable, "-m", "kindred.entry", "kindred", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_both_folders_are_told_in_a_table_and_in_json(tmp_path):
    said = _typed("divide", SAMPLE, tmp_path / "a", "--last", "0.25")
    told = json.loads(_typed("divide", SAMPLE, tmp_path / "b", "--last", "0.25", "--json").stdout)
    assert (told["train"], told["test"]) == (12_046, 4_016)
    assert [f"{told[side]:,}" in said.stdout for side in ("train", "test")] == [True, True]


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "mine.csv").write_text("mine")
    said = _typed("divide", SAMPLE, tmp_path)
    assert (said.returncode, "holds something already" in said.stderr) == (1, True)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["mine.csv"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [((SAMPLE, "out", "--last", "2"), 2, "a share between 0 and 1"), (("nowhere", "out"), 1, "there is no folder")],
)
def test_what_cannot_be_divided_is_said(tmp_path, words, status, says):
    said = _typed("divide", words[0], tmp_path / words[1], *words[2:])
    assert (said.returncode, said.stdout) == (status, "")
    assert says in said.stderr
    assert "Traceback" not in said.stderr


def test_the_file_of_figures_is_what_is_printed_side_by_side(world, tmp_path):
    printed = json.loads(_typed("evaluate", world / "model", "--json", "--out", tmp_path / "new" / "m.json").stdout)
    file = json.loads((tmp_path / "new" / "m.json").read_text())
    assert {f"{side}:{name}": value for side, row in file.items() for name, value in row.items()} == printed
    refused = _typed("evaluate", world / "model", "--out", tmp_path)
    assert (refused.returncode, "cannot be written" in refused.stderr) == (1, True)
