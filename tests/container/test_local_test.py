"""The scripts of local_test/, as somebody types them: from any folder, on any machine."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from kit import boxes

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A copy of local_test/, so that nothing is written into the checkout."""
    return shutil.copytree(
        ROOT / "local_test", tmp_path / "local_test", ignore=shutil.ignore_patterns("model", "output")
    )


def test_without_a_model_serve_says_what_to_do(scripts):
    ended = _type(scripts / "serve_local.sh")
    assert ended.returncode == 1
    assert "train_local.sh" in ended.stderr


def test_without_docker_train_says_so(scripts):
    ended = _type(scripts / "train_local.sh", env={"PATH": _only(scripts.parent, "dirname", "basename")})
    assert ended.returncode == 1
    assert "no Docker Engine answers" in ended.stderr


def test_a_missing_folder_is_named(scripts):
    ended = _type(scripts / "train_local.sh", "kindred", "no/such/folder")
    assert ended.returncode == 1
    assert "no/such/folder" in ended.stderr


def test_without_a_server_predict_says_what_to_do(scripts):
    ended = _type(scripts / "predict.sh", env={"PORT": str(_free_port())})
    assert ended.returncode == 1
    assert "serve_local.sh" in ended.stderr


def test_a_payload_of_unknown_type_is_refused(scripts):
    ended = _type(scripts / "predict.sh", str(ROOT / "LICENSE"))
    assert ended.returncode == 1
    assert "application/json" in ended.stderr


@pytest.mark.docker
def test_a_missing_image_is_named(scripts):
    ended = _type(scripts / "train_local.sh", "kindred-that-nobody-built")
    assert ended.returncode == 1
    assert "make image" in ended.stderr


@pytest.mark.docker
@pytest.mark.slow
def test_train_serve_predict(image, scripts):
    """[188]"""
    trained = _type(scripts / "train_local.sh", image)
    assert trained.returncode == 0, trained.stdout + trained.stderr
    port = str(_free_port())
    server = subprocess.Popen(["bash", str(scripts / "serve_local.sh"), image], env={**os.environ, "PORT": port})
    try:
        _wait_for(f"http://127.0.0.1:{port}/ping")
        in_csv = _type(scripts / "predict.sh", env={"PORT": port})
        in_json = _type(scripts / "predict.sh", str(scripts / "predict.json"), env={"PORT": port})
    finally:
        server.terminate()
        assert server.wait(timeout=20) == 0
    assert len(in_csv.stdout.strip().splitlines()) == 2, in_csv
    assert '"because"' in in_json.stdout, in_json


@pytest.mark.docker
@pytest.mark.slow
def test_trains_on_any_folder_given(image, scripts, tmp_path):
    mine = tmp_path / "my films"
    mine.mkdir()
    for table in (scripts / "opt_ml" / "input" / "data").glob("*/*.csv"):
        shutil.copy(table, mine)
    ended = _type(scripts / "train_local.sh", image, "my films", folder=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (scripts / "opt_ml" / "model" / "manifest.json").is_file()


@pytest.mark.docker
@pytest.mark.slow
def test_a_failed_training_ends_with_its_sentence(image, scripts, tmp_path):
    unreadable = tmp_path / "unreadable"
    unreadable.mkdir()
    (unreadable / "interactions.csv").write_text("colour,shape\nred,round\n")
    ended = _type(scripts / "train_local.sh", image, str(unreadable))
    assert ended.returncode != 0
    assert "colour" in ended.stderr.splitlines()[-1]


def _type(script: Path, *arguments: str, env: dict[str, str] | None = None, folder: Path = Path("/")):
    return subprocess.run(
        [shutil.which("bash") or "bash", str(script), *arguments],
        cwd=folder, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def _only(folder: Path, *commands: str) -> str:
    """A PATH that holds nothing but these commands."""
    path = folder / "path"
    path.mkdir()
    for command in commands:
        (path / command).symlink_to(shutil.which(command) or command)
    return str(path)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_for(url: str) -> None:
    end = time.monotonic() + 30
    while not boxes.answers(url):
        assert time.monotonic() < end, f"{url} did not answer"
        time.sleep(0.1)
