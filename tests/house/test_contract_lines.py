"""The table of the contract's lines agrees with the tests, and hides nothing that is not met."""

import importlib.util

import pytest

from kit.sources import ROOT

SPEC = importlib.util.spec_from_file_location("contract_lines", ROOT / "scripts" / "contract_lines.py")
table = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(table)

SECTIONS = table.sections(table.DATA)
LINES = {line.number: line for section in SECTIONS.values() for line in section}
CLAIMS = table.claims(table.TESTS)


def test_the_page_is_the_one_that_would_be_written():
    assert table.PAGE.read_text() == table.page(SECTIONS, CLAIMS), "python scripts/contract_lines.py writes it again"


def test_no_test_names_a_line_that_is_not_there():
    assert [claim for claim in CLAIMS if claim.number not in LINES] == []


def test_every_line_has_a_test_or_a_reason():
    shown = {claim.number for claim in CLAIMS}
    assert [line.number for line in LINES.values() if not line.unmet and line.number not in shown] == []


def test_what_a_test_shows_is_not_called_unproven():
    shown = {claim.number for claim in CLAIMS}
    assert [line.number for line in LINES.values() if line.number in shown and "unproven" in (line.unmet or "")] == []


def test_a_line_says_what_it_is():
    assert sum(map(len, SECTIONS.values())) == len(LINES)
    assert list(LINES) == sorted(LINES)
    assert {line.level for line in LINES.values()} == {"MUST", "SHOULD", "NICE"}
    assert {line.unmet.partition(":")[0] for line in LINES.values() if line.unmet} <= set(table.REASONS)


@pytest.mark.parametrize(
    ("docstring", "numbers"),
    [
        ("[25]", [25]),
        ("[25] plain", [25]),
        ("[103-105, 9] [7] several", [103, 104, 105, 9, 7]),
        ("Plain, [25].", []),
        ("[1, 2, 3] and [1, 130] are rows", []),
    ],
)
def test_a_test_claims_lines_at_the_head_of_its_docstring(tmp_path, docstring, numbers):
    (tmp_path / "test_a.py").write_text(f'"""All (contract lines 1-99)."""\n\ndef test_it():\n    """{docstring}"""\n')
    claimed = table.claims(tmp_path)
    assert [claim.number for claim in claimed] == (numbers or list(range(1, 100)))
    assert {claim.test for claim in claimed} == ({"test_it"} if numbers else {None})
