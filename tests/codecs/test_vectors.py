"""What people send to k-means, as vectors (contract lines 47, 51, 165, 166)."""

import json
import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from kindred.codecs import npy, vectors
from kindred.errors import UserError

ROWS = npst.arrays(
    np.float32,
    npst.array_shapes(min_dims=2, max_dims=2, max_side=5),
    elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
)


def csv(rows: NDArray[np.float32]) -> str:
    return "".join(",".join(map(repr, row)) + "\n" for row in rows.tolist())


@given(ROWS, st.integers(0, 2))
def test_csv_spells_the_rows(rows: NDArray[np.float32], label_size: int) -> None:
    labelled = "".join("7," * label_size + line for line in csv(rows).splitlines(keepends=True))
    found = vectors.from_csv(labelled, label_size=label_size)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, rows)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
        ("1,2\r3,4", [[1, 2], [3, 4]]),
        ("1,2\n\n \n", [[1, 2]]),
        ("5", [[5]]),
        ("1\n2\n", [[1], [2]]),
        (" 1 ,\t-2e3\n+.5,1.\n", [[1, -2000], [0.5, 1]]),
        ('"1","2"\n3,4\n', [[1, 2], [3, 4]]),
    ],
)
def test_spellings_of_csv(text: str, rows: list[list[float]]) -> None:
    assert vectors.from_csv(text).tolist() == rows


def test_a_label_may_be_a_word() -> None:
    assert vectors.from_csv("cat,1,2\ndog,3,4\n", label_size=1).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("text", ["", "\n", " \r\n\n"])
def test_no_lines_are_no_rows(text: str) -> None:
    assert vectors.from_csv(text).shape == (0, 0)


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("x1,x2,x3,x4\n1,2,3,4\n", "line 1", r"is a header \('x1', 'x2', 'x3', …\)"),
        ("1,2\nx,y\n", "line 2, cell 1", "'x' is no finite number"),
        ("1,2\n3,4\n5,six\n", "line 3, cell 2", "'six' is no finite number"),
        ("1,nan\n", "line 1, cell 2", "'nan' is no finite number"),
        ("nan\n", "line 1, cell 1", "'nan' is no finite number"),
        ("1,-inf\n", "line 1, cell 2", "no finite number"),
        ("1,1e39\n", "line 1, cell 2", "out of the range of float32"),
        ("1,1e999\n", "line 1, cell 2", "out of the range of float32"),
        ("1,2,\n", "line 1, cell 3", "the cell is empty"),
        ("1,1_0\n", "line 1, cell 2", "no finite number"),
        ("1,٣\n", "line 1, cell 2", "no finite number"),
        ("1,0x10\n", "line 1, cell 2", "no finite number"),
        ("1;2\n", "line 1", "is a header"),
        ("1,2 #3\n", "line 1, cell 2", "no finite number"),
        ("1,2\n3\n", "line 2", "has 1 cells, and the first has 2"),
        ("1,2\n3,4,5\n", "line 2", "has 3 cells, and the first has 2"),
        ("1,2\n\n3,4\n", "line 2", "has 0 cells"),
        ('1,"2\n', "line 1", "cannot be read"),
    ],
)
def test_csv_that_is_no_matrix_is_refused_by_line_and_cell(text: str, at: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as refused:
        vectors.from_csv(text)
    assert refused.value.at == at


def test_a_line_of_labels_alone_is_refused() -> None:
    with pytest.raises(UserError, match="has 1 cells; expected more than 1") as refused:
        vectors.from_csv("1\n2\n", label_size=1)
    assert refused.value.at == "line 1"


def test_mutated_csv_is_read_alike_or_refused() -> None:
    """Where NumPy reads the body at once, it reads what Python's own float says of every cell."""
    chance = random.Random(7)
    read = 0
    for _ in range(4000):
        text = list("1.5,-2,3e4\n0.25,+7,8\n9,10,11\n")
        for _ in range(chance.choice([1, 1, 2, 4])):
            at = chance.randrange(len(text))
            text[at : at + chance.randrange(2)] = chance.choice(
                "0123456789.,,\n\r\t \"#eE+-x_n'();[]\x00\x0b\u00a0\u0663"
            )
        body = "".join(text)
        try:
            rows = vectors.from_csv(body)
        except UserError as refused:
            assert re.fullmatch(r"line \d+(, cell \d+)?", str(refused.at))  # noqa: PT017
            continue
        read += 1
        lines = re.split(r"\r\n|\r|\n", body.rstrip(" \t\r\n"))
        cells = [[float(cell.strip().strip('"')) for cell in line.split(",")] for line in lines]
        np.testing.assert_array_equal(rows, np.array(cells, np.float32))
    assert read > 500


ROW = [1.5, 16.0, 14, 23.0]
SPARSE = {"keys": [3, 0], "shape": [4], "values": [1.5, 2]}


@pytest.mark.parametrize(
    ("instance", "row"),
    [
        (ROW, ROW),
        ({"features": ROW}, ROW),
        ({"data": {"features": {"values": ROW}}}, ROW),
        ({"data": {"features": ROW}}, ROW),
        ({"data": ROW}, ROW),
        ({"values": ROW}, ROW),
        ({"features": {"values": ROW, "shape": [4]}}, ROW),
        ({"features": {"values": ROW, "shape": [2, 2], "keys": []}}, ROW),
        ({"data": {"features": SPARSE}}, [2, 0, 0, 1.5]),
        ({"features": SPARSE, "configuration": {}}, [2, 0, 0, 1.5]),
        ({"data": {"features": SPARSE, "label": {}}, "uid": "7"}, [2, 0, 0, 1.5]),
        (SPARSE, [2, 0, 0, 1.5]),
        ({"data": {"features": {"shape": [3]}}}, [0, 0, 0]),
        ({"data": {"features": {"keys": [], "shape": [3], "values": []}}}, [0, 0, 0]),
        ({"data": {"features": {"keys": [5], "shape": [2, 3], "values": [1]}}}, [0, 0, 0, 0, 0, 1]),
    ],
)
def test_forms_of_an_instance(instance: Any, row: list[float]) -> None:
    found = vectors.from_json(instance)
    assert found.dtype == np.float32
    assert found.tolist() == row
    assert vectors.from_json_document(instance).tolist() == [row]
    assert vectors.from_json_document({"instances": [instance] * 2, "configuration": {}}).tolist() == [row] * 2
    assert vectors.from_json_document({"inputs": [instance]}).tolist() == [row]
    assert vectors.from_json_document([instance] * 3).tolist() == [row] * 3
    assert vectors.from_json_lines(f"{json.dumps(instance)}\n\n{json.dumps({'features': row})}\n").tolist() == [row] * 2


def test_pandas_split() -> None:
    body = {"columns": ["x", "y"], "index": [0, 1], "data": [[1, 2], [3, 4]]}
    assert vectors.from_json_document(body).tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("body", [[], {"instances": []}, {"columns": ["x"], "data": []}])
def test_no_instances_are_no_rows(body: Any) -> None:
    assert vectors.from_json_document(body).shape == (0, 0)


@pytest.mark.parametrize(
    ("body", "at", "words"),
    [
        (7, None, "expected a list of numbers, found a number"),
        ("1,2", None, "found text"),
        ({}, None, "holds no numbers"),
        ({"instances": 7}, "instances", "expected a list of numbers, found a number"),
        ({"instances": [[]]}, "instances[0]", "holds no numbers"),
        ({"instances": [[1, 2], [3]]}, "instances[1]", "has 1 numbers; expected 2"),
        ({"instances": [[1, 2], {"feature": [3]}]}, "instances[1].feature", "'feature' does not belong here"),
        ({"instances": [[1, "2"]]}, "instances[0][1]", "expected a number, found text"),
        ({"instances": [{"features": [1, None]}]}, "instances[0].features[1]", "found null"),
        ({"instances": [{"features": [1, True]}]}, "instances[0].features[1]", "found true or false"),
        ({"instances": [{"features": [[1]]}]}, "instances[0].features[0]", "found a list"),
        ({"instances": [[1, 1e39]]}, "instances[0][1]", "out of the range of float32"),
        ({"instances": [[1, 10**400]]}, "instances[0][1]", "out of the range of float32"),
        ({"instances": [{"data": {"features": {"values": "abc"}}}]}, "instances[0].data.features.values", "found text"),
        ({"instances": [[1]], "config": {}}, "config", r"did you mean 'configuration'\?"),
        ({"features": {"keys": [1], "values": [1]}}, "features", "needs a shape"),
        ({"features": {"keys": [4], "shape": [4], "values": [1]}}, "features", "outside the shape"),
        ({"features": {"keys": [1, 1], "shape": [4], "values": [1, 2]}}, "features", "stands twice"),
        ({"features": {"keys": [-1], "shape": [4], "values": [1]}}, "features.keys", "integers from 0"),
        ({"features": {"keys": [1.0], "shape": [4], "values": [1]}}, "features.keys", "integers from 0"),
        ({"features": {"keys": 1, "shape": [4], "values": [1]}}, "features.keys", "integers from 0"),
        ({"features": {"keys": [1], "shape": [1 << 50], "values": [1]}}, "features", "expected 1 to"),
        ({"columns": ["x", "y"], "data": [[1]]}, "data[0]", "has 1 numbers, and there are 2 columns"),
        ({"columns": ["x"], "data": [[1], ["b"]]}, "data[1][0]", "expected a number, found text"),
        ({"columns": ["x"]}, None, "not two lists"),
    ],
)
def test_json_that_is_no_matrix_is_refused_by_its_place(body: Any, at: str | None, words: str) -> None:
    with pytest.raises(UserError, match=words) as refused:
        vectors.from_json_document(body)
    assert refused.value.at == at


def test_json_lines_are_refused_by_line() -> None:
    with pytest.raises(UserError, match="has 1 numbers; expected 2") as refused:
        vectors.from_json_lines('{"features": [1, 2]}\n\n{"features": [1]}\n')
    assert refused.value.at == "line 3, features"


def test_a_width_is_checked_before_a_sparse_row_is_spread() -> None:
    with pytest.raises(UserError, match="has 16000000 numbers; expected 4"):
        vectors.from_json({"features": {"keys": [1], "shape": [16_000_000], "values": [1]}}, width=4)


@given(ROWS)
def test_npy_holds_the_rows(rows: NDArray[np.float32]) -> None:
    np.testing.assert_array_equal(vectors.from_npy(npy.encode(rows)), rows)
    np.testing.assert_array_equal(vectors.from_npy(npy.encode(rows[0])), rows[:1])


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e39])
def test_npy_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(UserError, match="not finite as float32") as refused:
        vectors.from_npy(npy.encode(np.array([[1.0, 2], [3, bad]])))
    assert refused.value.at == "[1]"
