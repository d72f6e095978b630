import errno
import json
import mmap
import resource
import struct

import numpy as np
import pytest
import safetensors.numpy

from artefact.golden.make import ARRAYS
from kindred.artefact.arrays import MAX_HEADER_BYTES, load, save
from kindred.errors import Bug, UserError

DTYPES = ["?", "u1", "i1", "u2", "i2", "f2", "u4", "i4", "f4", "u8", "i8", "f8"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.safetensors"


def file_of(header, data=b"", *, length=None):
    content = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(content) if length is None else length) + content + data


def entry(shape, begin, end, dtype="U8"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def equal(found, expected):
    assert sorted(found) == sorted(expected)
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_our_files_open_with_the_public_library(path):
    save(path, ARRAYS)
    equal(safetensors.numpy.load_file(path), ARRAYS)


def test_files_of_the_public_library_open_here(path):
    safetensors.numpy.save_file(ARRAYS, path, metadata={"made": "elsewhere", "by": "hand"})
    equal(load(path), ARRAYS)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_dtype_comes_back(path, dtype):
    arrays = {"a": np.arange(6).reshape(2, 3).astype(dtype)}
    save(path, arrays)
    equal(load(path), arrays)


def test_no_arrays_at_all(path):
    save(path, {})
    assert load(path) == {}


def test_what_matters_is_the_values_not_how_they_lie_in_memory(path, tmp_path):
    square = np.arange(9.0).reshape(3, 3)
    save(path, {"columns": np.asfortranarray(square), "part": np.arange(20)[::-2], "turned": square.T})
    equal(load(path), {"columns": square, "part": np.arange(20)[::-2].copy(), "turned": square.T.copy()})
    save(tmp_path / "y", {"turned": square.T, "part": np.arange(20)[::-2], "columns": square})
    assert path.read_bytes() == (tmp_path / "y").read_bytes()


def test_arrays_are_aligned_read_only_views_of_one_mapping(path):
    """[98, 110]"""
    save(path, {name: array for name, array in ARRAYS.items() if array.size})
    bases = set()
    for array in load(path).values():
        assert array.flags.aligned
        assert not array.flags.owndata
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)
        bases.add(array.base)
    (base,) = bases
    assert isinstance(base, mmap.mmap)


@pytest.mark.parametrize(
    ("name", "array"),
    [("a", np.array(["text"])), ("a", np.array([object()])), ("a", np.zeros(2, "c16")), ("__metadata__", np.zeros(2))],
)
def test_what_the_format_cannot_keep_is_our_own_bug(path, name, array):
    with pytest.raises(Bug, match="cannot be kept"):
        save(path, {name: array})
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "too short"),
        (b"\0" * 7, "too short"),
        (b"\0" * 8, "not that of a safetensors file"),
        (b"\x80\x04\x95cos\nsystem\n" * 9, "header claims"),
        (file_of({}, length=2**63), "header claims 9223372036854775808 bytes"),
        (file_of(b" " * (MAX_HEADER_BYTES + 1)), "header claims"),
        (file_of({}, length=3), "header claims 3 bytes"),
        (file_of(b"[]"), "not that of a safetensors file"),
        (file_of(b"{" * 50_000), "not that of a safetensors file"),
        (file_of(b'{"a":' * 50_000), "not that of a safetensors file"),
        (file_of(b'{"a": {"dtype": "U8"}}'), "not that of a safetensors file"),
        (file_of({"a": entry([-1], 0, 1)}, b"1"), "not that of a safetensors file"),
        (file_of({"a": entry([1.5], 0, 1)}, b"1"), "not that of a safetensors file"),
        (file_of({"a": entry([1] * 9, 0, 1)}, b"1"), "not that of a safetensors file"),
        (file_of({"a": entry([1], 0, 2**70)}, b"1"), "not that of a safetensors file"),
        (file_of({"a": entry([4], 0, 4)}, b"123"), "speaks of 4 bytes"),
        (file_of({"a": entry([2], 0, 2)}, b"123"), "speaks of 2 bytes"),
        (file_of({}, b"123"), "speaks of 0 bytes"),
        (file_of({"a": entry([2], -2, 0)}, b"12"), "not that of a safetensors file"),
        (file_of({"a": entry([2], 2, 0)}, b"12"), "does not begin"),
        (file_of({"a": entry([2], 1, 3)}, b"123"), "does not begin"),
        (file_of({"a": entry([2], 0, 2), "b": entry([2], 1, 3)}, b"123"), "array 'b' does not begin"),
        (file_of({"a": entry([2], 0, 2), "b": entry([2], 0, 2)}, b"12"), "array 'b' does not begin"),
        (file_of({"a": entry([3], 0, 2)}, b"12"), r"shape \[3\] of U8 does not fill 2 bytes"),
        (file_of({"a": entry([2**32, 2**32], 0, 0)}), "does not fill"),
        (file_of({"a": entry([0, 2**62, 4], 0, 0)}), "cannot be held"),
        (file_of({"a": entry([1], 0, 2, "BF16")}, b"12"), "of type BF16; this image reads BOOL, U8"),
    ],
    ids=range(27),
)
def test_a_file_that_is_not_sound_is_refused_in_a_sentence(path, content, said):
    """[157]"""
    path.write_bytes(content)
    with pytest.raises(UserError, match=said) as caught:
        load(path)
    assert caught.value.at.startswith("x.safetensors")


def test_a_refusing_disk_is_an_os_error_with_its_number(path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match=r"x\.safetensors") as caught:
            save(path, {"a": np.zeros(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno == errno.EFBIG
