"""The sample's model, trained once a session."""

import pytest

from algorithms import jobs
from algorithms.jobs import Trained


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return jobs.on_sample(tmp_path_factory.getbasetemp())
