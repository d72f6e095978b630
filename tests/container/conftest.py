"""A tiny world for the container, and a model trained on it once."""

import shutil
from pathlib import Path

import pytest

from kit import boxes

LOCAL_TEST = Path(__file__).parent.parent.parent / "local_test"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A base folder as SageMaker lays it out at /opt/ml: the tiny world's input, nothing written yet."""
    return _laid_out(tmp_path / "ml")


@pytest.fixture(scope="session")
def model(image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model folder that training on the tiny world leaves."""
    base = _laid_out(tmp_path_factory.mktemp("trained") / "ml")
    ended = boxes.run(image, "train", base=base)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return base / "model"


def _laid_out(base: Path) -> Path:
    shutil.copytree(LOCAL_TEST / "opt_ml" / "input", base / "input")
    for written in ("model", "output"):
        (base / written).mkdir()
    return base
