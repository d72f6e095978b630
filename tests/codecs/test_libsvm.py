"""LIBSVM's text (contract line 48)."""

import pytest

from kindred.codecs import libsvm
from kindred.errors import UserError

TEXT = "1 0:1.5 3:-2e1 # a remark\n-1 qid:7 1:3\n\n0,2\r\n+1.0\t2:.5"
ROWS = [[1.5, 0, 0, -20], [0, 3, 0, 0], [0, 0, 0, 0], [0, 0, 0.5, 0]]


@pytest.mark.parametrize("part_bytes", [1, 1 << 20])
def test_indices_count_from_zero_and_the_rest_is_zeros(part_bytes):
    """[48] in parts of any size"""
    found = list(libsvm.parts(TEXT, width=4, part_bytes=part_bytes))
    assert [row for part in found for row in part.tolist()] == ROWS
    assert len(found) == (4 if part_bytes == 1 else 1)
    assert libsvm.width(TEXT) == 4
    assert libsvm.width(f"{TEXT}1 0:1  # read at 23:59\n") == 4


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x 0:1", "'x' is no label"),
        ("1 0:1 0:2", "the index 0 stands after 0"),
        ("1 2:1 1:2", "the index 1 stands after 2"),
        ("1 4:1", "the index 4 is outside of 4 numbers"),
        ("1 0:nan", "'0:nan' is no index:value pair"),
        ("1 0:1e39", "1e39 is out of the range"),
        ("1 -1:1", "is no index:value pair"),
        ("1 2", "'2' is no index:value pair"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line, told):
    """[48] [51]"""
    with pytest.raises(UserError, match=told) as caught:
        list(libsvm.parts(f"1 0:1\n{line}\n", width=4, part_bytes=1 << 20))
    assert caught.value.at == "line 2"


def test_lines_one_by_one():
    """[48] a label may be left out, a bad line is told in its place, and what is blank is no row"""
    found = list(libsvm.each(["0:1.5 3:-2e1\r\n", "# a remark\n", "\n", "7 1:3", "1 2:1 1:2\n", "1,2 qid:4 2:.5", "0"]))
    assert [number for number, _ in found] == [1, 4, 5, 6, 7]
    bad = found.pop(2)[1]
    assert isinstance(bad, UserError)
    assert (str(bad), bad.at) == ("line 5: the index 1 stands after 2; indices ascend", "line 5")
    assert [row for _, row in found] == [([0, 3], [1.5, -20.0]), ([1], [3.0]), ([2], [0.5]), ([], [])]


@pytest.mark.parametrize(("line", "is_one"), [("1 0:1", True), ("1", False), ("1,2", False), ("1::2::3", False)])
def test_a_line_is_recognised_by_its_pairs(line, is_one):
    """[29]"""
    assert libsvm.resembles(line) is is_one
