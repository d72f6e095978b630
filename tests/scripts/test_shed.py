"""The rules of the garden shed: plans decide, one file does, and what talks to AWS has one place."""

import ast
import inspect

from scripts.__main__ import LOCAL, VERBS

from kit.sources import ROOT, imports, python

SHED = ROOT / "scripts"
KINDS = ("boto3", "botocore")
TOOLS = {"contract_lines.py", "draw_pictures.py", "make_sample.py"}
"""What keeps the repository itself: no verb, and nothing of AWS."""


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


def test_the_house_is_known_by_its_specification_and_by_how_it_reads_data():
    knowing = {name for name, module in _files().items() if "kindred" in imports(module)}
    assert knowing - TOOLS <= {"aws/contents.py", "aws/specification.py"}


def test_the_folder_shows_verbs_and_the_tools_of_the_repository():
    verbs = {f"{name.replace('-', '_')}.py" for name in (*VERBS, *LOCAL)}
    assert {name for name in _files() if "/" not in name} == {*verbs, *TOOLS, "__init__.py", "__main__.py"}


def test_nothing_is_caught_whole():
    broad = [
        name
        for name, module in _files().items()
        for node in ast.walk(module)
        if isinstance(node, ast.ExceptHandler) and (node.type is None or getattr(node.type, "id", "") == "Exception")
    ]
    assert broad == []


def test_every_verb_says_what_it_does_and_what_its_flags_mean():
    for name, verb in VERBS.items():
        assert inspect.getdoc(verb), name
        for flag in inspect.signature(verb, eval_str=True).parameters.values():
            if flag.name not in ("region", "ledger"):
                assert flag.annotation.__metadata__[0].help, f"{name}: {flag.name}"


def test_every_verb_has_a_page():
    page = (ROOT / "docs" / "8-operations.md").read_text(encoding="utf-8")
    assert [name for name in VERBS if f"kindred-aws {name}" not in page and f"`{name}`" not in page] == []
