"""NumPy's .npy, there and back."""

import io
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from kindred.codecs import npy
from kindred.errors import UserError

DTYPES = ["<f4", ">f8", "<f2", "<i8", ">i4", "|i1", "|u1", "<u2"]
SHAPES = npst.array_shapes(max_dims=2, min_side=0, max_side=5)


def saved(array: object) -> bytes:
    body = io.BytesIO()
    np.save(body, np.asarray(array), allow_pickle=False)
    return body.getvalue()


@given(st.sampled_from(DTYPES).flatmap(lambda dtype: npst.arrays(dtype, SHAPES)))
def test_there_and_back(array: NDArray[np.generic]) -> None:
    body = npy.encode(array)
    found = npy.decode(body)
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    np.testing.assert_array_equal(np.load(io.BytesIO(body), allow_pickle=False), array)


def test_an_array_in_columns_keeps_its_places() -> None:
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    assert b"'fortran_order': True" in saved(array)
    np.testing.assert_array_equal(npy.decode(saved(array)), array)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version(version: tuple[int, int]) -> None:
    body = io.BytesIO()
    np.lib.format.write_array(body, np.arange(3.0), version=version)
    assert npy.decode(body.getvalue()).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is no .npy file"),
        (b"PK\x03\x04 an archive", "is no .npy file"),
        (b"\x93NUMPY\x04\x00\x10\x00", "is no .npy file"),
        (saved([1.0])[:40], "ends within the header"),
        (saved([1.0])[:-1], "announces 8 bytes of numbers, and the body holds 7"),
        (saved([1.0]) * 2, "announces 8 bytes"),
        (saved([[[1.0]]]), r"neither \(n,\) nor \(n, d\)"),
        (saved(1.0), r"neither \(n,\) nor \(n, d\)"),
        (saved(["a"]), "plain floats or integers"),
        (saved([True]), "plain floats or integers"),
        (saved([1j]), "plain floats or integers"),
        (saved(np.zeros(2, [("x", "f4")])), "plain floats or integers"),
        (saved([1.0]).replace(b"'<f8'", b"'|O'").replace(b"}", b"} "), "plain floats or integers"),
        (saved([1.0]).replace(b"'<f8'", b"'<f1'"), "plain floats or integers"),
        (saved([1.0]).replace(b"(1,), }" + b" " * 11, b"(999999999999,), }"), "announces 7999999999992 bytes"),
        (saved([1.0]).replace(b"(1,), }" + b" " * 12, b"(9999999999999,), }"), r"neither \(n,\)"),
    ],
)
def test_what_is_no_plain_array_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words):
        npy.decode(body)


def test_mutated_bodies_are_read_or_refused() -> None:
    chance = random.Random(7)
    body = saved(np.arange(6, dtype=np.float32).reshape(2, 3))
    for _ in range(3000):
        mutant = bytearray(body)
        for _ in range(chance.choice([1, 1, 3])):
            at = chance.randrange(len(mutant))
            mutant[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        try:
            assert npy.decode(mutant).nbytes <= len(mutant)
        except UserError:
            continue
