"""The repository's papers agree with each other."""

import re
import tomllib

from kit.sources import ROOT, tracked


def test_one_version_everywhere():
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    assert f"ARG VERSION={version}" in (ROOT / "Dockerfile").read_text()
    assert re.search(rf"^## \[{re.escape(version)}\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_shell_scripts_can_be_run_and_end_lines_as_unix_does():
    """[5]"""
    doors = [ROOT / "container" / "train", ROOT / "container" / "serve", ROOT / ".ci" / "run"]
    scripts = [path for path in tracked() if path.suffix == ".sh"] + doors
    for script in scripts:
        text = script.read_bytes()
        assert b"\r" not in text, script
        if text.startswith(b"#!"):
            assert script.stat().st_mode & 0o111, script


def test_links_between_pages_lead_somewhere():
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in tracked()
        if page.suffix == ".md"
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
