"""A golden artefact of each format version loads for ever (invariant 5)."""

import numpy as np
import pytest
from msgspec.structs import replace

from artefact.golden.make import ARRAYS, HERE, MANIFEST, STRINGS
from kindred.artefact import shelf


@pytest.mark.parametrize("folder", sorted(HERE.glob("v*")), ids=lambda folder: folder.name)
def test_golden_artefact_holds_what_was_written(folder):
    """[69]"""
    artefact = shelf.open(folder)

    assert replace(artefact.manifest, files={}) == MANIFEST
    assert sorted(artefact.arrays) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert artefact.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(artefact.arrays[name], array)
    assert {name: list(table) for name, table in artefact.strings.items()} == STRINGS
    assert artefact.strings["item_ids"].numbers(["🎬 émoji", "7", "", "42"]).tolist() == [5, -1, 2, 0]
    assert artefact.strings["item_ids"].rank.tolist() == [2, 1, 0, 3, 4, 5]


@pytest.mark.parametrize("folder", sorted(HERE.glob("v*")), ids=lambda folder: folder.name)
def test_golden_artefact_is_byte_for_byte_the_one_written(folder):
    shelf.verify(folder)


def test_there_is_a_golden_artefact_of_the_format_in_force():
    assert (HERE / f"v{MANIFEST.format}" / "manifest.json").is_file()
