"""The notebook's cells, run one after the other as a person would."""

import json
import subprocess
from pathlib import Path

import pytest

from kit.sources import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOK = json.loads((FOLDER / "films.ipynb").read_text(encoding="utf-8"))
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


@pytest.mark.docker
@pytest.mark.slow
def test_the_cells_run_and_show_frames(sdk2: Path, tag: str, tmp_path: Path) -> None:
    """[183]"""
    program = "\n".join([*CELLS, "print(next_ones.to_json(orient='records'))", "print(len(alike))"])
    assert '"Films", []' in program
    (tmp_path / "films.py").write_text(program.replace('"Films", []', f'"Films", ["--image", "{tag}"]'))
    command = [str(sdk2), str(tmp_path / "films.py")]
    ended = subprocess.run(
        command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout
    assert "\ninstances[0].item_id: " in ended.stdout, "the server's own sentence"
    *_, shown, alike = ended.stdout.splitlines()
    rows = json.loads(shown)
    assert [row["request"] for row in rows] == [0] * 5 + [1] * 5
    assert set(rows[0]["because"]) <= {"alien-1979", "blade-runner-1982"}
    assert alike == "20"


def test_the_notebook_is_kept_without_what_it_showed() -> None:
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in NOTEBOOK["cells"])
