"""The rules of the garden shed: plans decide, one file does, and what talks to AWS has one place."""

import ast
import inspect

from kit.sources import ROOT, imports, python
from scripts import cli

SHED = ROOT / "scripts"
KINDS = ("boto3", "botocore")


def _files():
    return {str(path.relative_to(SHED)): module for path, module in python(SHED)}


def test_boto3_has_one_place():
    assert [name for name, module in _files().items() if imports(module) & set(KINDS)] == ["aws/session.py"]


def test_one_file_executes():
    calling = {
        name
        for name, module in _files().items()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in ("ask", "upload")
    }
    assert calling == {"aws/runner.py", "aws/session.py"}


def test_the_house_is_known_by_its_specification_alone():
    knowing = {name for name, module in _files().items() if "kindred" in imports(module)}
    assert knowing <= {"specification.py", "contract_lines.py", "make_sample.py"}


def test_nothing_is_caught_whole():
    broad = [
        name
        for name, module in _files().items()
        for node in ast.walk(module)
        if isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", "") == "Exception")
    ]
    assert broad == []


def test_every_verb_says_what_it_does_and_what_its_flags_mean():
    for name, verb in cli.VERBS.items():
        assert inspect.getdoc(verb), name
        for flag in inspect.signature(verb, eval_str=True).parameters.values():
            if flag.name not in ("region", "ledger"):
                assert flag.annotation.__metadata__[0].help, f"{name}: {flag.name}"


def test_every_verb_has_a_page():
    page = (ROOT / "docs" / "8-operations.md").read_text(encoding="utf-8")
    assert [name for name in cli.VERBS if f"kindred-aws {name}" not in page and f"`{name}`" not in page] == []
