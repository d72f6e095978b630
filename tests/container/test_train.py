"""`train` in the real container, without a network."""

import csv
import random
from pathlib import Path

import pytest

from kit import boxes

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_leaves_a_model_and_no_failure(model):
    """[1, 20, 52, 60, 66]"""
    assert (model / "manifest.json").is_file()
    assert not (model.parent / "output" / "failure").exists()


def test_trains_without_any_command(image, world):
    """[11, 187]"""
    ended = boxes.run(image, base=world)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (world / "model" / "manifest.json").is_file()


def test_trains_through_the_toolkit_that_the_image_carries(image, world):
    """[23, 189, 198]"""
    ended = boxes.run(image, "/opt/libraries/bin/train", base=world)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (world / "model" / "manifest.json").is_file()


@pytest.mark.parametrize("door", ["train", "/opt/libraries/bin/train"])
def test_unreadable_table_fails_with_a_sentence(image, world, door):
    """[51, 72, 193]"""
    table = world / "input" / "data" / "interactions" / "interactions.csv"
    table.write_text("colour,shape\nred,round\n")
    ended = boxes.run(image, door, base=world)
    assert ended.returncode != 0
    first = (world / "output" / "failure").read_text().splitlines()[0]
    assert "colour" in first
    assert "interactions.csv" in first
    assert "Traceback" not in first
    assert list((world / "model").iterdir()) == []


def test_unknown_hyperparameter_is_named_with_its_nearest(image, world):
    """[27]"""
    (world / "input" / "config" / "hyperparameters.json").write_text('{"ridgee": "100"}')
    ended = boxes.run(image, "train", base=world)
    assert ended.returncode != 0
    first = (world / "output" / "failure").read_text().splitlines()[0]
    assert "'ridgee'" in first
    assert "'ridge'" in first


def test_stop_ends_training_with_a_whole_model_or_none(image, world):
    """[3, 53, 54]"""
    _fill(world / "input" / "data" / "interactions" / "many.csv", rows=600_000)
    with boxes.running(image, "train", options=("--network", "none", "--volume", f"{world}:/opt/ml")) as box:
        boxes.wait_for(lambda: box.logs() != "", box=box)
        status, seconds = box.stop()
        said = box.logs()
    boxes.run(image, "true", base=world)
    assert seconds < 30, "it had to be killed"
    assert "Traceback" not in said
    left = {path.name for path in (world / "model").iterdir()}
    assert (status == 0) == ("manifest.json" in left), (status, left, said)
    assert status in (0, 143)
    assert not [name for name in left if name.startswith(".")]


def _fill(table: Path, *, rows: int) -> None:
    random_ = random.Random(7)
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "item_id", "rating", "timestamp"])
        writer.writerows(
            (f"u{random_.randrange(20_000)}", f"i{random_.randrange(10_000)}", 5, 1_700_000_000 + row)
            for row in range(rows)
        )
