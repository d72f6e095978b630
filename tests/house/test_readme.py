"""What the README shows works as it stands there."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kindred.contract.training import door
from kit import opt_ml, transports
from kit.transports import InProcess

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(heading: str, language: str) -> str:
    """The first code block of this language under this heading."""
    found = re.search(rf"^{re.escape(heading)}.*?^```{language}\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
    assert found, f"no {language} under {heading}"
    return found[1]


@pytest.fixture
def mean(tmp_path: Path):
    """The README's own algorithm."""
    path = tmp_path / "mean.py"
    path.write_text(block("## Bring an algorithm of your own", "python"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mean", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ALGORITHM


def asked(client: InProcess, body: bytes, content_type: str) -> bytes:
    return client.send("POST", "/invocations", body=body, headers={"Content-Type": content_type}).body


def test_the_algorithm_shown_trains_and_answers(mean, tmp_path: Path):
    places = opt_ml.lay_out(tmp_path / "ml", channels={"train": {"a.csv": b"1,2\n3,4\n", "b.csv": b"10\n"}})
    status = door.main(lambda: (mean,), environ={"SAGEMAKER_BASE_DIR": str(tmp_path / "ml")})
    assert status == 0
    client = transports.in_process((mean,), places.model)
    assert json.loads(asked(client, b'{"instances": [{"row": [3]}, {"row": [5, 6]}]}', "application/json")) == {
        "predictions": [{"above": False}, {"above": True}]
    }
    assert asked(client, b"3\n5,6\n", "text/csv").split() == [b"False", b"True"]


@pytest.mark.slow
def test_the_laptop_commands_leave_a_model_and_an_answer(tmp_path: Path):
    script = block("**On a laptop.**", "sh") + "wait\n" + block("The command `kindred` asks", "sh")
    script = script.replace("$PWD/build/world", f"{tmp_path}/world").replace(" build/world", f" {tmp_path}/world")
    port = str(transports.free_port())
    script = script.replace("localhost:8080", f"localhost:{port}")
    done = subprocess.run(
        ["bash", "-ec", script.replace(".venv/bin/", f"{Path(sys.executable).parent}/")],
        cwd=ROOT,
        env=os.environ | {"SAGEMAKER_BIND_TO_PORT": port},
        capture_output=True,
        text=True,
        timeout=120,
    )
    answer = json.loads(re.search(r'^\{"predictions.*\}', done.stdout, flags=re.MULTILINE)[0])
    assert len(answer["predictions"][0]["recommendations"]) == 3
    assert done.returncode == 0, done.stderr
    assert "After Alien (1979), Blade Runner (1982)" in done.stdout
    assert "ndcg_at_10" in done.stdout.partition("After Alien")[2]
