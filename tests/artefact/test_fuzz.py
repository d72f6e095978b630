"""Damaged files either open within their bounds or are refused in a sentence; nothing else happens (invariant 5)."""

import random
import shutil
from contextlib import suppress

import numpy as np
import pytest

from artefact.golden.make import HERE, STRINGS
from kindred.artefact import shelf
from kindred.artefact.arrays import load
from kindred.artefact.strings import unpack
from kindred.errors import UserError

SEEDS = 200
MORE = [range(SEEDS), pytest.param(range(SEEDS, 2000), marks=pytest.mark.slow, id="more")]
FILES = ["manifest.json", "arrays.safetensors", "strings.safetensors"]
ASKED = [*STRINGS["item_ids"], "nobody", "\ud800"]


@pytest.fixture
def model(tmp_path):
    return shutil.copytree(HERE / "v1", tmp_path / "v1")


def damaged(content, dice):
    content = bytearray(content)
    for _ in range(dice.randint(1, 3)):
        place = dice.randrange(len(content) + 1)
        match dice.randrange(4):
            case 0:
                content[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                content[place : place + 1] = bytes(byte ^ 1 << dice.randrange(8) for byte in content[place : place + 1])
            case 2:
                del content[place : place + dice.choice([1, 8, len(content)])]
            case 3:
                content[place:place] = dice.randbytes(dice.choice([1, 8, 64]))
    return bytes(content)


def read_strings(tables):
    for table in tables.values():
        with suppress(UserError):
            assert len(table.many(range(len(table)))) == len(table)
        if table.index:
            numbers = table.numbers(ASKED)
            assert ((numbers >= -1) & (numbers < len(table))).all()
            assert ((table.rank >= 0) & (table.rank < len(table))).all()


@pytest.mark.parametrize("seeds", MORE)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_artefact_opens_within_bounds_or_is_refused(model, name, seeds):
    """[69, 157]"""
    whole = (model / name).read_bytes()
    opened = 0
    for seed in seeds:
        (model / name).write_bytes(damaged(whole, random.Random(seed)))
        try:
            artefact = shelf.open(model)
        except UserError:
            continue
        opened += 1
        for array in artefact.arrays.values():
            array.tobytes()
        assert sorted(artefact.strings) == sorted(STRINGS)
        read_strings(artefact.strings)
        artefact.strings["item_ids"].numbers(ASKED)
    assert 0 < opened < len(seeds)  # both ways were walked


@pytest.mark.parametrize("seeds", MORE)
@pytest.mark.parametrize("name", FILES[1:])
def test_damage_that_the_manifest_does_not_betray(model, name, seeds):
    """The same without the manifest's sizes, which whoever forges a file can forge as well."""
    whole = (model / name).read_bytes()
    opened = 0
    for seed in seeds:
        (model / name).write_bytes(damaged(whole, random.Random(seed)))
        try:
            arrays = load(model / name)
            for array in arrays.values():
                array.tobytes()
            read_strings(unpack(arrays) if name == "strings.safetensors" else {})
        except UserError:
            continue
        opened += 1
    assert 0 < opened < len(seeds)


@pytest.mark.parametrize("part", ["blob", "offsets", "hashes", "order", "rank"])
def test_damage_within_one_part_of_the_strings(part):
    """Shapes stay sound, values do not: what the sizes cannot show."""
    arrays = load(HERE / "v1" / "strings.safetensors")
    key = f"item_ids.{part}"
    for seed in range(SEEDS):
        content = arrays[key].copy()
        dice = np.random.default_rng(seed)
        raw = content.view(np.uint8)
        raw[dice.integers(len(raw), size=2)] = dice.integers(256, size=2)
        with suppress(UserError):
            read_strings(unpack(arrays | {key: content}))
