from collections.abc import Iterator
from pathlib import Path

import pytest

from kit import transports
from kit.real_train import sample_channels, train
from kit.transports import Process


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A /opt/ml in which the real `train` has learnt the sample."""
    base = tmp_path_factory.mktemp("world") / "ml"
    trained = train(base, sample_channels())
    assert trained.status == 0, trained.log
    return base


@pytest.fixture(scope="session")
def served(world: Path) -> Iterator[Process]:
    """The real `serve` on it."""
    with transports.process("kit.real_serve", world) as process:
        yield process
