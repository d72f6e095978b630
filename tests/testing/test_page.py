"""What docs/9-testing-kit.md shows works as it stands there, and so do the examples in the kit's own docstrings."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys

import pytest

from kindred import testing
from kit.sources import ROOT

PAGE = (ROOT / "docs" / "9-testing-kit.md").read_text(encoding="utf-8")
MODULES = sorted(module.name for module in pkgutil.iter_modules(testing.__path__, "kindred.testing."))


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```python {kind}\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.mark.slow
def test_the_page(tmp_path):
    [program] = blocks("program")
    tests = blocks("test")
    assert len(tests) == 3
    (tmp_path / "mean.py").write_text(program)
    (tmp_path / "test.py").write_text("\n".join(tests))
    ended = subprocess.run([sys.executable, "test.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr


def test_every_name_of_the_page_is_there():
    named = set(re.findall(r"testing\.(\w+)", PAGE)) - {"kit"}
    assert {name for name in named if not hasattr(testing, name)} == set()


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
