"""How code looks here, as far as a machine can see it."""

import ast
import re

from kit.sources import PACKAGE, ROOT, imports, place, python, tracked

UNSAFE_MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
PEERS = ROOT / "benchmarks" / "serving" / "peers"
"""The servers that ours is measured beside load their models as they do."""
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
TELLING_NOTHING = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(_|$)")


def test_nothing_unpickles():
    """[69, 157]"""
    ours = [(path, module) for path, module in python() if not path.is_relative_to(PEERS)]
    assert [place(path, 1) for path, module in ours if imports(module) & UNSAFE_MODULES] == []


def test_nothing_evaluates_text():
    """[157]"""
    assert [
        place(path, node.lineno)
        for path, module in python()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in UNSAFE_CALLS
    ] == []


def test_arrays_are_never_loaded_with_pickle():
    """[69, 157]"""
    assert [
        place(path, node.value.lineno)
        for path, module in python()
        for node in ast.walk(module)
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle"
        if not (isinstance(node.value, ast.Constant) and node.value.value is False)
    ] == []


def test_everything_is_caught_only_at_the_two_doors():
    """At the top of `train`, at the top of the request handler."""
    broad = [
        place(path, node.lineno)
        for path, module in python(PACKAGE)
        for node in ast.walk(module)
        if isinstance(node, ast.ExceptHandler) and _catches_everything(node)
    ]
    assert len(broad) <= 2, broad
    assert all(where.startswith("container/kindred/contract/") for where in broad), broad


def test_a_file_is_one_idea():
    lines = {place(path, count): count for path, _ in python() if (count := len(path.read_text().splitlines())) > 400}
    assert lines == {}


def test_a_function_is_short():
    assert [
        place(path, node.lineno)
        for path, module in python()
        for node in ast.walk(module)
        if isinstance(node, FUNCTION) and (node.end_lineno or node.lineno) - node.lineno + 1 > 60
    ] == []


def test_a_name_says_what_it_holds():
    assert [path for path, _ in python() if TELLING_NOTHING.search(path.stem)] == []


def test_every_module_of_ours_says_what_it_is():
    silent = [path for path, module in python(PACKAGE) if path.read_text().strip() and not ast.get_docstring(module)]
    assert silent == []


def test_nothing_is_left_for_later():
    later = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    assert [path for path in tracked() if _is_ours(path) and later.search(path.read_text())] == []


def test_no_file_names_a_machine():
    machine = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+|tmp/\w+)/")
    assert [path for path in tracked() if _is_ours(path) and machine.search(path.read_text())] == []


def test_locks_name_no_index():
    named = re.compile(r"^--(index-url|extra-index-url|find-links|trusted-host)", re.MULTILINE)
    assert [path for path in (ROOT / "locks").glob("*.txt") if named.search(path.read_text())] == []


def test_locks_pin_every_package_by_its_hash():
    """[21]"""
    for lock in (ROOT / "locks").glob("*.txt"):
        named = [line for line in lock.read_text().splitlines() if re.match(r"[A-Za-z0-9]", line)]
        assert named, lock
        assert [line for line in named if not re.match(r"[\w.-]+==\S+ (; .* )?\\$", line)] == [], lock
        assert lock.read_text().count("==") <= lock.read_text().count("--hash=sha256:"), lock


def _catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(
        kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException")) for kind in caught
    )


def _is_ours(path) -> bool:
    papers = {"Dockerfile", "Makefile", "run", "train", "serve"}
    return path.suffix in {".py", ".sh", ".md", ".toml", ".yaml", ".yml", ".json"} or path.name in papers
