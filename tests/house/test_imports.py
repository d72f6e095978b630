"""Importing any module has no effects, and `serve` carries nothing that only `train` needs."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kit.sources import PACKAGE, imports, python

# Watches, by audit events, for anything that reaches beyond the process while each module is imported. What the
# libraries do to themselves is theirs: they are imported before anybody looks.
WATCH = """
import importlib, json, os, sys

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
EFFECTS = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chdir", "os.putenv", "os.unsetenv", "os.fork",
           "os.symlink", "os.link", "os.truncate", "os.chmod", "os.exec", "os.posix_spawn", "shutil.", "tempfile.",
           "socket.bind", "socket.connect", "subprocess.Popen", "signal.")
seen, current = {}, None

def watch(event, arguments):
    if current is None:
        return
    if event == "open":
        path, mode, flags = arguments
        if flags and flags & WRITES and path != os.devnull:
            seen.setdefault(current, []).append(f"open {path} for writing")
    elif event.startswith(EFFECTS):
        seen.setdefault(current, []).append(f"{event} {arguments}")

sys.addaudithook(watch)
libraries, modules = (names.split() for names in sys.argv[1:])
for library in libraries:
    importlib.import_module(library)
for module in modules:
    current = module
    before = dict(os.environ)
    importlib.import_module(module)
    if dict(os.environ) != before:
        seen.setdefault(module, []).append("changed the environment")
current = None
print(json.dumps(seen))
"""

# What fills memory and start-up time, and answers no request.
HEAVY = {"sklearn", "scipy", "pandas", "polars", "dask", "distributed", "sagemaker_training", "boto3"}
CARRIED = """
import sys
from kindred.contract.serving import door
from kindred.algorithms import ALGORITHMS
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.slow
def test_importing_any_module_has_no_effects(tmp_path):
    assert json.loads(_python(WATCH, " ".join(_libraries()), " ".join(_modules()), folder=tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []


def test_the_watch_sees_an_effect(tmp_path):
    (tmp_path / "careless.py").write_text("import os\nos.environ['A'] = 'b'\nopen('left', 'w').close()\n")
    (seen,) = json.loads(_python(WATCH, "json", "careless", folder=tmp_path)).values()
    assert "changed the environment" in seen
    assert "open left for writing" in seen


def test_serve_imports_nothing_that_only_train_needs(tmp_path):
    """[147]"""
    assert set(_python(CARRIED, folder=tmp_path).split()) & HEAVY == set()


def _libraries() -> set[str]:
    """What our modules import at their top from outside."""
    names: set[str] = set()
    for _, module in _installed():
        for node in module.body:
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    return {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names | {"kindred"}}


def _installed() -> list[tuple[Path, ast.Module]]:
    """Our modules without those on SageMaker's SDK, which lives in an environment of its own."""
    return [(path, module) for path, module in python(PACKAGE) if "sagemaker" not in imports(module)]


def _modules() -> list[str]:
    names = []
    for path, _ in _installed():
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def _python(script: str, *arguments: str, folder: Path) -> str:
    ended = subprocess.run(
        [sys.executable, "-B", "-c", script, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
