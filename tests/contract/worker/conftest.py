"""A server whose one worker has four threads, and does what its callers tell it."""

from collections.abc import Iterator

import pytest

from kit.awkward import write_model
from kit.transports import Process, process


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    base = tmp_path_factory.mktemp("worker")
    write_model(base / "model", algorithm="awkward")
    with process("kit.awkward_serve", base, {"MODEL_SERVER_WORKERS": "1"}) as started:
        yield started
