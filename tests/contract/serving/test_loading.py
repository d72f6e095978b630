"""Which model is served, and what is said where there is none."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kindred.contract.serving import loading
from kindred.errors import UserError
from kit.awkward import AWKWARD, write_model
from kit.echo import ECHO
from kit.transports import process

BOTH = (ECHO, AWKWARD)


@pytest.mark.parametrize("below", [".", "prefix/of/mine"])
@pytest.mark.parametrize("name", ["echo", "awkward"])
def test_the_manifest_names_the_algorithm(tmp_path: Path, below: str, name: str) -> None:
    """[118] The manifest is found in any sub-folder, and its folder is what the algorithm loads."""
    write_model(tmp_path / below, algorithm=name)
    algorithm, predictor = loading.load(BOTH, folder=tmp_path)
    assert (algorithm.name, type(predictor).__name__) == (name, f"{name.title()}Predictor")


def test_the_manifest_at_the_top_wins(tmp_path: Path) -> None:
    """A model that carries another one inside is itself."""
    write_model(tmp_path, algorithm="echo")
    write_model(tmp_path / "inner", algorithm="awkward")
    assert loading.load(BOTH, folder=tmp_path)[0] is ECHO


def _two(folder: Path) -> None:
    write_model(folder / "one")
    write_model(folder / "two")


def _without_arrays(folder: Path) -> None:
    write_model(folder)
    (folder / "echo.json").unlink()


def _manifest(content: bytes) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        folder.mkdir()
        (folder / "manifest.json").write_bytes(content)

    return make


def _nothing(_: Path) -> None:
    pass


def _strangers(folder: Path) -> None:
    folder.mkdir()
    for i in range(8):
        (folder / f"model_{i}.pkl").touch()


BROKEN = [
    (_nothing, "does not exist"),
    (Path.mkdir, "is empty"),
    (_strangers, "holds model_0.pkl, model_1.pkl, model_2.pkl, model_3.pkl, model_4.pkl and 3 more"),
    (_two, "holds 2 models (one/manifest.json, two/manifest.json)"),
    (_manifest(b"{"), "names no algorithm"),
    (_manifest(b'{"algorithm": 7}'), "names no algorithm"),
    (_manifest(b"[" * 100_000), "names no algorithm"),
    (_manifest(b"\xff\x00"), "names no algorithm"),
    (_manifest(b'{"algorithm": "ekho"}'), "(did you mean 'echo'?)"),
    (_without_arrays, "holds no echo.json"),
]


@pytest.mark.parametrize(("make", "words"), BROKEN, ids=[words[:20] for _, words in BROKEN])
def test_broken_models(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    """[98] One sentence says what was found and what was expected."""
    make(tmp_path / "model")
    with pytest.raises(UserError) as refused:
        loading.load(BOTH, folder=tmp_path / "model")
    assert words in refused.value.sentence
    assert "\n" not in refused.value.sentence


def test_an_unreadable_file(tmp_path: Path) -> None:
    """[98] A disk's trouble is told as such."""
    write_model(tmp_path)

    def fail(folder: Path) -> object:
        return (folder / "absent").read_bytes()

    with pytest.raises(UserError, match="No such file"):
        loading.load((replace(ECHO, load=fail),), folder=tmp_path)  # type: ignore[arg-type]


def test_serve_without_a_model(tmp_path: Path) -> None:
    """[95, 98] It stays up and says why to whoever asks: /ping and /invocations answer 503."""
    (tmp_path / "model").mkdir()
    with process("kit.echo_serve", tmp_path) as served:
        for method, path in (("GET", "/ping"), ("POST", "/invocations")):
            answer = served.http.send(method, path, body=b"{}" if method == "POST" else b"")
            assert (answer.status, "is empty; expected" in answer.json["error"]) == (503, True)
        assert served.http.send("GET", "/nothing").status == 404
    first = served.log.read_text().splitlines()[0]
    assert first.startswith("error: the model folder ")
    assert json.dumps(first)
