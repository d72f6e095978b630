"""The values refuse to hold what they promise not to."""

import numpy as np
import pytest

from kindred.data.values import Catalogue, Column, Interactions, Pantry
from kindred.errors import Bug

SOUND = {
    "users": np.array([0, 0, 1], dtype=np.int32),
    "items": np.array([0, 1, 1], dtype=np.int32),
    "ratings": None,
    "timestamps": None,
    "user_ids": ("u", "v"),
}
CATALOGUE = Catalogue(ids=("a",), titles=("A",), described=np.array([True]), columns={})


@pytest.mark.parametrize(
    "broken",
    [
        {"users": np.array([0, 1, 0], dtype=np.int32)},
        {"users": np.array([0, 1, 2], dtype=np.int32)},
        {"users": np.array([-1, 0, 1], dtype=np.int32)},
        {"users": np.array([0, 0, 1])},
        {"items": np.array([0, 1], dtype=np.int32)},
        {"timestamps": np.zeros(2)},
    ],
    ids=str,
)
def test_interactions_check_themselves(broken):
    Interactions(**SOUND)
    with pytest.raises(Bug):
        Interactions(**{**SOUND, **broken})


def test_items_are_in_the_catalogue():
    with pytest.raises(Bug, match="indices into the catalogue"):
        Pantry(interactions=Interactions(**SOUND), catalogue=CATALOGUE, warnings=(), fingerprint="")


@pytest.mark.parametrize(
    "parts",
    [
        {"kind": "numeric"},
        {"kind": "numeric", "numbers": np.zeros(2, dtype=np.float32)},
        {"kind": "categorical", "codes": np.zeros(1, dtype=np.int32)},
        {"kind": "categorical", "codes": np.zeros(1, dtype=np.int32), "offsets": np.array([0, 1])},
        {"kind": "categorical", "codes": np.zeros(1, dtype=np.int32), "offsets": np.array([0, 2]), "values": ("x",)},
        {"kind": "categorical", "codes": np.zeros(1, dtype=np.int32), "offsets": np.array([0, 2, 1]), "values": ("x",)},
    ],
    ids=str,
)
def test_columns_check_themselves(parts):
    with pytest.raises(Bug):
        Column(**parts)


def test_a_column_has_one_entry_an_item():
    with pytest.raises(Bug, match="one entry an item"):
        Catalogue(
            ids=("a",), titles=("A",), described=np.array([True]),
            columns={"price": Column(kind="numeric", numbers=np.zeros(2))},
        )  # fmt: skip
