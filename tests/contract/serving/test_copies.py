"""Several copies of the image on one machine, as inference components and shared instances have them."""

import os
import signal
from pathlib import Path

import pytest

from kit.awkward import write_model
from kit.multi import MULTI, invoke, load, unload
from kit.transports import process


@pytest.fixture
def shared(tmp_path: Path) -> tuple[Path, Path]:
    """Two bases with the same model folder, which belongs to neither, and its logs apart."""
    model = write_model(tmp_path / "one" / "model")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "model").symlink_to(model)
    return tmp_path / "one", tmp_path / "other"


def test_copies_do_not_disturb_each_other(shared: tuple[Path, Path], tmp_path: Path) -> None:
    """[153] One model, one folder for scratch, a port each: the end of one, or of its worker, is nothing to another."""
    scratch = {"TMPDIR": str(tmp_path), "MODEL_SERVER_WORKERS": "2"}
    started = (process("kit.echo_serve", base, scratch) for base in shared)
    with next(started) as one, next(started) as other:
        for copy, row in ((one, b"1"), (other, b"2")):
            assert copy.http.send("POST", "/invocations", body=row).body == row
        born = other.workers()
        os.kill(one.workers()[0], signal.SIGKILL)
        one.popen.send_signal(signal.SIGTERM)
        assert one.popen.wait(timeout=40) == 0
        assert {other.http.send("POST", "/invocations", body=b"3").body for _ in range(10)} == {b"3"}
        assert {*born} <= {*other.workers()}
        assert [line["rows"] for line in other.lines()] == [1] * 11
    assert {path.name for path in tmp_path.iterdir()} == {"one", "other"}


def test_copies_have_models_of_their_own(shared: tuple[Path, Path], tmp_path: Path) -> None:
    """[144, 153] What one multi-model copy has loaded, another does not know; it may have the same name for another."""
    environ = {**MULTI, "TMPDIR": str(tmp_path)}
    with process("kit.echo_serve", shared[0], environ) as one, process("kit.echo_serve", shared[1], environ) as other:
        assert load(one.http, "m", shared[0] / "model").status == 200
        assert invoke(other.http, "m", b"[{}]").status == 404
        assert load(other.http, "m", shared[1] / "model").status == 200
        assert unload(one.http, "m").status == 200
        assert [invoke(copy.http, "m", b"[{}]").status for copy in (one, other)] == [404, 200]
