"""Each room imports only what its table allows, and each thing outside has one place."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kit.sources import PACKAGE, ROOT, imports, python


def test_every_contract_of_the_rooms_is_kept():
    lint = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert lint.returncode == 0, lint.stdout


def test_every_room_has_a_contract():
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    rooms = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    rooms |= {f"contract.{file.parent.name}" for file in (PACKAGE / "contract").glob("*/__init__.py")}
    assert {contract["id"] for contract in contracts} == rooms | {"errors", "tested"}


@pytest.mark.parametrize(
    ("package", "home"),
    [
        ("flask", "contract/"),
        ("sagemaker_training", "contract/"),
        ("dask", "nowhere in the image"),
        ("distributed", "nowhere in the image"),
        ("boto3", "client/"),
        ("pandas", "client/"),
    ],
)
def test_a_package_from_outside_is_imported_in_one_file(package, home):
    files = [str(path.relative_to(PACKAGE)) for path, module in python(PACKAGE) if package in imports(module)]
    assert len(files) <= 1, files
    assert all(file.startswith(home) for file in files), files


@pytest.mark.parametrize(("package", "room"), [("polars", "data"), ("gunicorn", "contract"), ("sagemaker", "sdk")])
def test_a_package_from_outside_is_imported_in_one_room(package, room):
    files = [path for path, module in python(PACKAGE) if package in imports(module)]
    assert files
    assert all(path.is_relative_to(PACKAGE / room) for path in files), files


def test_one_file_knows_where_sagemaker_mounts():
    """[6]"""
    files = {
        str(path.relative_to(PACKAGE))
        for path, module in python(PACKAGE)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/opt/ml")
    }
    assert files == {"contract/paths.py", "testing/tree.py"}, "the test kit knows it for itself, from outside"


def test_one_file_touches_the_environment():
    files = {
        str(path.relative_to(PACKAGE))
        for path, module in python(PACKAGE)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "putenv", "unsetenv")
        if isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    assert files == {"contract/environment.py", "testing/programs.py"}, "the test kit hands it to programs"
