"""Where the real MovieLens data is, for tests that want it; they skip by name where it is absent."""

import os
from pathlib import Path

import pytest

NAME = "ml-latest-small"


def movielens_folder() -> Path:
    """Return the folder of ml-latest-small: KINDRED_ML_DATA, or beside the repository. Skips the test without it."""
    beside = Path(__file__).parents[3] / "shared" / "data" / NAME
    folder = Path(os.environ.get("KINDRED_ML_DATA", beside))
    if not (folder / "ratings.csv").is_file():
        pytest.skip(f"{NAME} is not there; name its folder in KINDRED_ML_DATA")
    return folder
