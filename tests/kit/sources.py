"""The project's own files, and its Python as syntax trees."""

import ast
import gc
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "container" / "kindred"


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git keeps, or would keep at the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(path for name in sorted(listed.stdout.split("\0")) if name and (path := ROOT / name).is_file())


def python(*folders: Path) -> Iterator[tuple[Path, ast.Module]]:
    """The Python files below these folders (all of the project without one), with their trees."""
    for path in tracked():
        if path.suffix == ".py" and (not folders or any(path.is_relative_to(folder) for folder in folders)):
            yield path, tree(path)


@cache
def tree(path: Path) -> ast.Module:
    gc.disable()  # a tree has no garbage, and looking for some takes four times as long as parsing
    try:
        return ast.parse(path.read_text(), filename=str(path))
    finally:
        gc.enable()


def imports(module: ast.Module) -> set[str]:
    """The top-level packages that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"
