"""A multi-model endpoint: many models, loaded and unloaded while it serves (contract lines 136-145)."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kindred.contract.serving import settings
from kit import awkward, echo
from kit.awkward import write_model
from kit.multi import MULTI, invoke, load, multi, unload
from kit.transports import InProcess, Process, Transport, process

BOTH = (echo.ECHO, awkward.AWKWARD)
ODD = ["plain", "a/b.tar.gz", "with blank", "é🎬", "100%", "a?b#c", "..", "x" * 300, "a/invoke"]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        write_model(tmp_path / "models" / name / "model")
    return tmp_path


@pytest.fixture
def door(base: Path) -> InProcess:
    return multi(BOTH, base)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A real `serve` with three workers."""
    base = tmp_path_factory.mktemp("multi")
    write_model(base / "models" / "one" / "model", algorithm="awkward")
    with process("kit.awkward_serve", base, {**MULTI, "MODEL_SERVER_WORKERS": "3"}) as served:
        yield served


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("True", True), ("false", False), ("", False)])
def test_the_value_counts(value: str, expected: bool) -> None:
    """[136] "false" is not true, as other images take it to be."""
    assert settings.read({"SAGEMAKER_MULTI_MODEL": value}).multi_model is expected


def test_without_models_it_is_content(door: InProcess, running: Process) -> None:
    """[142] /ping is 200 with nothing loaded, and there is a list of nothing."""
    for each in (door, running.http):
        assert each.send("GET", "/ping").status == 200
        assert each.send("GET", "/models").json == {"models": []}


@pytest.mark.parametrize("name", ODD)
def test_a_model_comes_and_goes(door: InProcess, base: Path, name: str) -> None:
    """[137, 139-141] Loaded, described, asked and unloaded under any name; 409 and 404 where it cannot be."""
    folder = base / "models" / "one" / "model"
    assert invoke(door, name, b"[{}]").status == 404
    assert load(door, name, folder).status == 200
    assert load(door, name, folder).status == 409
    assert invoke(door, name, b'[{"a":1}]').json == {"predictions": [{"a": 1}]}
    (shown,) = door.send("GET", "/models").json["models"]
    assert shown == {"modelName": name, "modelUrl": str(folder)}
    assert unload(door, name).status == 200
    assert unload(door, name).status == 404
    assert invoke(door, name, b"[{}]").status == 404


def test_one_is_described(door: InProcess, base: Path) -> None:
    """[139]"""
    load(door, "one", base / "models" / "one" / "model")
    assert door.send("GET", "/models/one").json == {
        "modelName": "one",
        "modelUrl": str(base / "models" / "one" / "model"),
    }
    assert door.send("GET", "/models/two").status == 404


def test_the_list_has_pages(door: InProcess, base: Path) -> None:
    """[138] Every model stands on one page, by name, and the last page names no next."""
    names = [f"m{i:02}" for i in range(7)]
    for name in reversed(names):
        load(door, name, base / "models" / "one" / "model")
    found: list[str] = []
    query = "limit=3"
    pages = 0
    while query:
        page = door.send("GET", f"/models?{query}").json
        found += [each["modelName"] for each in page["models"]]
        query = f"limit=3&next_page_token={page['nextPageToken']}" if "nextPageToken" in page else ""
        pages += 1
    assert (found, pages) == (names, 3)
    for wrong in ("0", "x", "-1", "1e3"):
        assert door.send("GET", f"/models?limit={wrong}").status == 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "the body is not"),
        (b"[" * 100_000, "the body is not"),
        (b'{"model_name": "a"}', "the body is not"),
        (b'{"model_name": "", "url": "/x"}', "has no name"),
        (b'{"model_name": "a", "url": "x"}', "not absolute"),
        (b'{"model_name": "a", "url": "/nowhere/at/all"}', "does not exist"),
    ],
)
def test_what_cannot_be_loaded(door: InProcess, body: bytes, words: str) -> None:
    """[107, 137] A sentence, and nothing is loaded."""
    answer = door.send("POST", "/models", body=body)
    assert (answer.status, words in answer.json["error"]) == (400, True)
    assert door.send("GET", "/models").json == {"models": []}


def test_a_full_memory(base: Path) -> None:
    """[137] 507 where the models would fill more than they may; room again when one is gone."""
    for name in ("one", "two"):
        (base / "models" / name / "model" / "ballast").write_bytes(bytes(700_000))
    door = multi(BOTH, base, {"KINDRED_MODELS_MB": "1"})
    assert load(door, "one", base / "models" / "one").status == 200
    refused = load(door, "two", base / "models" / "two")
    assert (refused.status, "unload another" in refused.json["error"]) == (507, True)
    assert unload(door, "one").status == 200
    assert load(door, "two", base / "models" / "two").status == 200


def test_a_header_names_the_model(door: InProcess, base: Path) -> None:
    """[145] As the SDK's local mode asks: found below the folders, loaded when it is first asked for."""
    write_model(base / "model" / "three")
    for target in ("one", "one.tar.gz", "three"):
        headers = {"Content-Type": "text/csv", "X-Amzn-SageMaker-Target-Model": target}
        answer = door.send("POST", "/invocations", body=b"a,b\n", headers=headers)
        assert (answer.status, answer.body) == (200, b"a,b")
    for target, status in (("../model", 404), ("none", 404), ("", 400), ("/etc", 404), (".", 404)):
        headers = {"X-Amzn-SageMaker-Target-Model": target}
        assert door.send("POST", "/invocations", body=b"[{}]", headers=headers).status == status


def test_two_algorithms_in_one_endpoint(door: InProcess, base: Path) -> None:
    """[141] Each model is asked through the algorithm that made it."""
    write_model(base / "models" / "three" / "model", algorithm="awkward")
    load(door, "echo", base / "models" / "one" / "model")
    load(door, "awkward", base / "models" / "three" / "model")
    body = b'[{"refuse": 1}]'
    assert (invoke(door, "echo", body).status, invoke(door, "awkward", body).status) == (200, 404)


def test_every_worker_sees_a_model(running: Process) -> None:
    """[144] Loaded once, it answers on every connection; unloaded once, it is gone on every one."""
    door, folder = running.http, running.log.parent / "models" / "one" / "model"
    for _ in range(5):
        assert load(door, "one", folder).status == 200
        assert {invoke(door, "one", b"[{}]").status for _ in range(12)} == {200}
        assert unload(door, "one").status == 200
        assert {invoke(door, "one", b"[{}]").status for _ in range(12)} == {404}


def test_a_line_of_log_names_the_model(running: Process) -> None:
    """[113, 141]"""
    invoke(running.http, "never", b"[{}]")
    assert any(line.get("model") == "never" and line["status"] == 404 for line in running.lines())


def test_loading_takes_milliseconds(running: Process) -> None:
    """[143, 145] Load, invoke, unload at every call: the median of the three together, far below a second."""
    door, folder = running.http, running.log.parent / "models" / "one" / "model"
    taken = []
    for i in range(9):
        begin = time.perf_counter()
        statuses = [load(door, f"m{i}", folder).status, invoke(door, f"m{i}", b"[{}]").status]
        statuses.append(unload(door, f"m{i}").status)
        taken.append(time.perf_counter() - begin)
        assert statuses == [200, 200, 200]
    assert sorted(taken)[4] < 0.5


def test_it_leaves_no_folder_behind(base: Path, tmp_path: Path) -> None:
    """[148] What the workers share goes with the server."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with process("kit.echo_serve", base, {**MULTI, "TMPDIR": str(scratch)}) as served:
        load(served.http, "one", base / "models" / "one" / "model")
        assert invoke(served.http, "one", b"[{}]").status == 200
        [told] = [file for file in shared_files(scratch) if str(base).encode() in file.read_bytes()]
    assert not told.parent.exists()


def shared_files(scratch: Path) -> list[Path]:
    """What workers may share; other servers of this machine have folders in its shared memory too."""
    return [file for place in (Path("/dev/shm"), scratch) for file in place.glob("kindred-*/*.model")]


def test_other_verbs(door: Transport) -> None:
    """[120]"""
    for method, path, status in (("PUT", "/models", 405), ("POST", "/models/x", 405), ("GET", "/models/x/invoke", 404)):
        answer = door.send(method, path)
        assert (answer.status, json.loads(answer.body).keys() >= {"error"}) == (status, True)
