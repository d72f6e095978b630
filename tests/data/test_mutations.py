"""Damaged inputs: rows that are right, or a clear error; never a crash, a hang or a silent wrong row."""

import pytest

from kit import mutations

MANY = {"recordio": 50_000, "csv": 50_000, "jsonlines": 10_000, "npy": 10_000}


@pytest.mark.parametrize("form", mutations.FORMS)
def test_valid_inputs_are_read_as_the_slow_decoder_reads_them(form):
    """[175] [48] what the mutations are judged by"""
    for seed in mutations.FORMS[form].seeds:
        assert mutations._read(seed) == mutations.FORMS[form].slow(seed) != []


@pytest.mark.parametrize("form", MANY)
def test_damaged_inputs(form):
    """[51] [157] a few of each, every time"""
    assert mutations.tried(form, 500).wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("form", MANY)
def test_very_many_damaged_inputs(form):
    """[51] [157] 100,000 of RecordIO and CSV, and others: pytest -s -m slow tests/data/test_mutations.py"""
    tally = mutations.tried(form, MANY[form], seed=1)
    print(
        f"{form}: {tally.rows} read, {tally.refused} refused, {len(tally.wrong)} wrong, {tally.slowest_s:.2f} s at most"
    )
    assert tally.wrong == []
    assert tally.rows
    assert tally.refused
