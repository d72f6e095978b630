"""Metric lines as tuners read them (contract lines 75-79)."""

import json
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.contract.training.metrics import lines, summary


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_figure_reads_back_as_the_same_number(value):
    """[75] [78]"""
    (line,) = lines("loss", value, host="algo-1")
    found = re.search(r"^loss=([-+0-9.eE]+)$", line)
    assert found is not None
    assert float(found[1]) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_built_in_regular_expression_finds_it(value):
    """[76] sagemaker.KMeans' own metric definition"""
    found = re.search(
        r"#quality_metric: host=\S+, test msd <loss>=(\S+)", "\n".join(lines("test:msd", value, host="a-1"))
    )
    assert found is not None
    assert float(found[1]) == value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_has_no_line(value):
    """[75] no `nan`"""
    assert lines("test:msd", value, host="algo-1") == ()


def test_a_job_is_summed_up_as_the_built_in_does():
    """[77]"""
    line = summary({"train:msd": 0.5, "odd": math.nan}, algorithm="kmeans", host="algo-1", began_s=10.0, ended_s=12.5)
    word, _, found = line.partition(" ")
    told = json.loads(found)
    assert word == "#metrics"
    assert told["Dimensions"] == {"Algorithm": "kmeans", "Host": "algo-1", "Operation": "training"}
    assert (told["StartTime"], told["EndTime"]) == (10.0, 12.5)
    assert told["Metrics"] == {
        "totaltime": {"sum": 2500.0, "count": 1, "min": 2500.0, "max": 2500.0},
        "train:msd": {"sum": 0.5, "count": 1, "min": 0.5, "max": 0.5},
    }
