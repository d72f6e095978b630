"""What MXNet saves, made here by hand from the description of the format (contract line 69)."""

import random
import struct

import numpy as np
import pytest

from kindred.codecs import ndarray
from kindred.errors import UserError

ROWS = np.array([[1.5, -2, 0.25], [4, 5, 6]])
FLAGS = {"f4": 0, "f8": 1, "f2": 2}

GOLDEN = bytes.fromhex(
    "12010000000000000000000000000000"  # a list of arrays; reserved
    "0100000000000000"  # one array
    "c9fa93f900000000"  # version 2, dense
    "0200000002000000000000000100000000000000"  # two dimensions, (2, 1)
    "0100000000000000"  # of a processor, number 0
    "00000000"  # float32
    "0000c03f00000040"  # 1.5, 2
    "0000000000000000"  # no names
)


def dense(array, *, version=2, flag=None):
    """An array as each version of MXNet writes it."""
    kind = FLAGS[array.dtype.str[1:]] if flag is None else flag
    sizes = array.shape
    heads = {
        0: struct.pack(f"<I{len(sizes)}I", len(sizes), *sizes),
        1: struct.pack(f"<II{len(sizes)}q", 0xF993FAC8, len(sizes), *sizes),
        2: struct.pack(f"<IiI{len(sizes)}q", 0xF993FAC9, 0, len(sizes), *sizes),
        3: struct.pack(f"<Iii{len(sizes)}q", 0xF993FACA, 0, len(sizes), *sizes),
    }
    return heads[version] + struct.pack("<iii", 1, 0, kind) + array.tobytes()


def listed(arrays, names=()):
    head = struct.pack("<QQQ", 0x112, 0, len(arrays)) + b"".join(arrays) + struct.pack("<Q", len(names))
    return head + b"".join(struct.pack("<Q", len(name)) + name for name in names)


def test_golden_bytes():
    """[69]"""
    ((name, array),) = ndarray.decode(GOLDEN)
    assert (name, array.dtype, array.tolist()) == ("", np.float32, [[1.5], [2]])
    assert listed([dense(np.array([[1.5], [2]], "<f4"))]) == GOLDEN


@pytest.mark.parametrize("version", [0, 1, 2, 3])
@pytest.mark.parametrize("dtype", sorted(FLAGS))
def test_every_version_and_type(version, dtype):
    """[69]"""
    content = listed([dense(ROWS.astype(f"<{dtype}"), version=version)] * 2, [b"arg:w", "ü".encode()])
    (one, array), (two, _) = ndarray.decode(content)
    assert (one, two, array.dtype.str) == ("arg:w", "ü", f"<{dtype}")
    assert array.tolist() == ROWS.tolist()


WHOLE = listed([dense(ROWS.astype("<f4"))], [b"w"])

REFUSED = {
    "no list": (b"\x93NUMPY" + bytes(100), "no list of NDArrays"),
    "nothing": (b"", "no list of NDArrays"),
    "too many": (struct.pack("<QQQ", 0x112, 0, 2**63), "announces 9223372036854775808 arrays in 0 bytes"),
    "too long": (WHOLE + b"\0", "goes on for 1 bytes"),
    "integers": (listed([dense(ROWS.astype("<f4"), flag=4)]), "of type 4; expected float32"),
    "sparse": (WHOLE.replace(struct.pack("<Ii", 0xF993FAC9, 0), struct.pack("<Ii", 0xF993FAC9, 1)), "sparse"),
    "dimensions": (listed([struct.pack("<II", 0xF993FAC8, 2**31)]), "2147483648 dimensions"),
    "none": (listed([struct.pack("<IiI", 0xF993FAC9, 0, 0)]), "without a shape"),
    "below zero": (listed([dense(ROWS.astype("<f4")).replace(struct.pack("<q", 2), struct.pack("<q", -2))]), "shape"),
    "huge": (
        listed([struct.pack("<IIqqiii", 0xF993FAC8, 2, 2**62, 2**62, 1, 0, 0)]),
        "bytes were announced and 8 are left",
    ),
    "two names": (listed([dense(ROWS.astype("<f4"))], [b"a", b"b"]), "1 arrays and 2 names"),
    "a long name": (WHOLE[:-9] + struct.pack("<Q", 2**40) + b"w", "ends early"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_such_list_is_refused(case):
    """[157]"""
    content, told = REFUSED[case]
    with pytest.raises(UserError, match=told):
        ndarray.decode(content)


def test_every_beginning_is_refused():
    for end in range(len(WHOLE)):
        with pytest.raises(UserError):
            ndarray.decode(WHOLE[:end])


def test_mutated_lists_give_arrays_or_a_sentence():
    """[157]"""
    chance = random.Random(0)
    for _ in range(3000):
        content = bytearray(WHOLE)
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            ndarray.decode(bytes(content))
        except UserError:
            continue
