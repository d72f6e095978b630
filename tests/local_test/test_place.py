"""Where the SDK's scripts run, and that they leave nothing there."""

import importlib.util
import json
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from kit.boxes import docker

SCRIPT = Path(__file__).parents[2] / "local_test" / "place.py"


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("place", SCRIPT)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize(
    "arguments", [["--aws"], ["--aws", "--role", "r", "--bucket", "b"], ["--aws", "--role", "r", "--image", "a/b:c"]]
)
def test_aws_wants_a_role_a_bucket_and_an_image(module: ModuleType, arguments: list[str], capsys) -> None:
    with pytest.raises(SystemExit), module.place("A script.", arguments):
        pass
    assert "--aws needs --role ARN, --bucket NAME and --image URI" in capsys.readouterr().err


def test_addresses_on_this_machine(module: ModuleType, tmp_path: Path) -> None:
    here = module.Place(image="i", aws=False, role="", bucket="", machine="local", folder=tmp_path, port=1)
    assert here.put("rows/a.csv", b"1\n") == f"file://{tmp_path}/rows"
    assert here.read(here.address(tmp_path / "rows"), "a.csv") == "1\n"
    assert here.output("answers") == f"file://{tmp_path}/answers"


@pytest.fixture
def network(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A name of this test's own for what local mode calls its network."""
    name = f"kindred-place-{uuid.uuid4().hex[:8]}"
    monkeypatch.setattr(module, "NETWORK", name)
    yield name
    docker("network", "rm", name)


@pytest.mark.docker
def test_a_container_that_went_by_itself_hides_no_other(module: ModuleType, image: str) -> None:
    name = f"kindred-place-{uuid.uuid4().hex[:8]}"
    docker("create", "--name", name, image, "true")
    try:
        told = json.loads(module._docker("inspect", name, f"{name}-that-went"))
    finally:
        docker("rm", "--force", name)
    assert [each["Name"] for each in told] == [f"/{name}"]


@pytest.mark.docker
@pytest.mark.slow
def test_what_local_mode_leaves_is_swept(module: ModuleType, image: str, network: str) -> None:
    """[183] a running container, one that ended, the network, files of root: even where the script fails"""
    folders = []

    def fail() -> None:
        with module.swept(image) as folder:
            folders.append(folder)
            assert tempfile.gettempdir() == str(folder)
            docker("network", "create", network)
            for command in ("touch /opt/ml/file && sleep 60", "touch /opt/ml/other"):
                mount = ("--network", network, "--volume", f"{folder}:/opt/ml")
                started = docker("run", "--detach", *mount, image, "sh", "-c", command)
                assert started.returncode == 0, started.stderr
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    [folder] = folders
    assert not folder.exists()
    assert str(folder) not in docker("inspect", *docker("ps", "--all", "--quiet").stdout.split()).stdout
    assert network not in docker("network", "ls", "--format", "{{.Name}}").stdout.split()
    assert tempfile.tempdir is None


@pytest.mark.docker
@pytest.mark.slow
def test_what_is_somebody_elses_stays(module: ModuleType, image: str, network: str, tmp_path: Path, capsys) -> None:
    docker("network", "create", network)
    other = docker("run", "--detach", "--volume", f"{tmp_path}:/opt/ml", image, "sleep", "60").stdout.strip()
    try:
        with module.swept(image):
            pass
        assert docker("inspect", "--format", "{{.State.Running}}", other).stdout.strip() == "true"
        assert network in docker("network", "ls", "--format", "{{.Name}}").stdout.split()
    finally:
        docker("rm", "--force", other)
    assert "left behind: no container, no network, no file" in capsys.readouterr().out
