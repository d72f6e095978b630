"""Records of aialgs.data, there and back (contract lines 127, 167, 175 to 182)."""

import random
import re
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from kindred.codecs import recordio, records
from kindred.errors import UserError

FLOAT = npst.arrays(
    np.float32,
    npst.array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
)


# Protobuf written out by hand, apart from the code under test.


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def field(number: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return varint(number << 3 | 2) + varint(len(content)) + content


def floats(*numbers: float) -> bytes:
    return struct.pack(f"<{len(numbers)}f", *numbers)


def entry(value: bytes, *, name: bytes = b"values", map_: int = 1) -> bytes:
    return field(map_, field(1, name), field(2, value))


def dense(*numbers: float) -> bytes:
    return entry(field(2, field(1, floats(*numbers))))


def sparse(keys: list[int], values: list[float], shape: list[int]) -> bytes:
    tensor = [field(1, floats(*values)), field(2, *map(varint, keys)), field(3, *map(varint, shape))]
    return entry(field(2, *tensor))


def rows_of(*messages: bytes) -> list[list[float]]:
    rows: list[list[float]] = records.decode(recordio.encode(messages)).rows.tolist()
    return rows


GOLDEN = {
    "dense float32": "0a23d7ce 20000000 0a1e0a0676616c7565731214 12120a10 0000c03f 00008041 00006041 0000b841",
    "labelled": "0a23d7ce 2c000000 0a160a0676616c756573120c 120a0a08 0000803f 00000040"
    "12120a0676616c7565731208 12060a04 0000e040",
    "dense float64": "0a23d7ce 20000000 0a1e0a0676616c7565731214 1a120a10 000000000000f03f 0000000000000040",
    "dense int32": "0a23d7ce 1b000000 0a190a0676616c756573120f 3a0d0a0b 01feffffffffffffffff01 00",
    "sparse": "0a23d7ce 1f000000 0a1d0a0676616c7565731213 12110a08 0000803f 00008040 12020103 1a0104 00",
    "all zeros": "0a23d7ce 11000000 0a0f0a0676616c7565731205 1203 1a0104 000000",
    "answer": "0a23d7ce 3e000000 121b0a0f636c6f736573745f636c7573746572 1208 12060a04 0000803f"
    "121f0a1364697374616e63655f746f5f636c7573746572 1208 12060a04 00004040 0000",
}
"""The vectors of the contract's section M, which an independent encoder and the SDK's writer agree on."""


def golden(name: str) -> bytes:
    return bytes.fromhex(GOLDEN[name])


def float32(*numbers: float) -> NDArray[np.float32]:
    return np.array(numbers, np.float32)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("dense float32", [1.5, 16, 14, 23]),
        ("labelled", [1, 2]),
        ("dense float64", [1, 2]),
        ("dense int32", [1, -2]),
        ("sparse", [0, 1, 0, 4]),
        ("all zeros", [0, 0, 0, 0]),
    ],
)
@pytest.mark.parametrize("copies", [1, 2, 5])
def test_golden_vectors_are_read(name: str, row: list[float], copies: int) -> None:
    vectors = records.decode(golden(name) * copies)
    assert vectors.rows.dtype == np.float32
    assert vectors.rows.tolist() == [row] * copies
    assert (vectors.uids, vectors.metadata) == (None, None)
    assert vectors.labels is None if name != "labelled" else vectors.labels.tolist() == [7] * copies


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("dense float32", records.encode_features(float32(1.5, 16, 14, 23)[None])),
        ("labelled", records.encode_features(float32(1, 2)[None], labels=float32(7))),
        ("dense float64", records.encode_features(np.array([[1.0, 2.0]]))),
        ("dense int32", records.encode_features(np.array([[1, -2]]))),
        ("sparse", records.encode_sparse([(np.array([1, 3]), float32(1, 4))], width=4)),
        ("all zeros", records.encode_sparse([(np.array([], int), float32())], width=4)),
        ("answer", records.encode_answers({"distance_to_cluster": float32(3), "closest_cluster": float32(1)})),
    ],
)
def test_golden_vectors_are_written(name: str, body: bytes) -> None:
    assert body.hex(" ") == golden(name).hex(" ")


def test_the_answer_of_the_built_in_is_read_as_labels() -> None:
    [record] = records.read(golden("answer"))
    assert {name: tensor.values.tolist() for name, tensor in record.label.items()} == {
        "closest_cluster": [1.0],
        "distance_to_cluster": [3.0],
    }
    assert not record.features


def test_answers_are_a_record_a_row_each_with_its_own_numbers() -> None:
    columns = {"closest_cluster": np.arange(5, dtype=np.float32), "distance_to_cluster": float32(4, 3, 2, 1, 0)}
    found = records.read(records.encode_answers(columns))
    assert [float(each.label["closest_cluster"].values[0]) for each in found] == [0, 1, 2, 3, 4]
    assert [float(each.label["distance_to_cluster"].values[0]) for each in found] == [4, 3, 2, 1, 0]


@given(FLOAT, st.sampled_from([np.float32, np.float64]))
def test_floats_there_and_back(rows: NDArray[np.float32], dtype: type) -> None:
    np.testing.assert_array_equal(records.decode(records.encode_features(rows.astype(dtype))).rows, rows)


@given(npst.arrays(np.int64, (4, 3), elements=st.integers(-(2**31), 2**31 - 1) | st.integers(-3, 130)))
def test_integers_there_and_back(rows: NDArray[np.int64]) -> None:
    np.testing.assert_array_equal(records.decode(records.encode_features(rows)).rows, rows.astype(np.float32))


@given(FLOAT, st.data())
def test_labels_there_and_back(rows: NDArray[np.float32], data: st.DataObject) -> None:
    labels = data.draw(npst.arrays(np.int64, len(rows), elements=st.integers(-2, 300)))
    vectors = records.decode(records.encode_features(rows, labels=labels))
    np.testing.assert_array_equal(vectors.rows, rows)
    np.testing.assert_array_equal(vectors.labels, labels)


@given(npst.arrays(np.float32, (4, 5), elements=st.sampled_from([0, 0, 0, 1, -2.5])))
def test_sparse_is_dense(rows: NDArray[np.float32]) -> None:
    cells = [(np.flatnonzero(row), row[np.flatnonzero(row)]) for row in rows]
    np.testing.assert_array_equal(records.decode(records.encode_sparse(cells, width=5)).rows, rows)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), max_size=12))
def test_records_of_any_layouts_in_any_order(plan: list[tuple[int, bool, bool]]) -> None:
    """Runs of one layout are read at once; where the layout changes, nothing is lost or moved."""
    rows = [float32(i, -i) for i in range(len(plan))]
    bodies = [
        records.encode_features(row[None].astype(np.float64 if wide else np.float32), labels=[None, float32(i)][label])
        for i, (row, (_, wide, label)) in enumerate(zip(rows, plan, strict=True))
        for _ in range(plan[i][0])
    ]
    vectors = records.decode(b"".join(bodies))
    numbers = [i for i, (times, _, _) in enumerate(plan) for _ in range(times)]
    labels = [float(i) if plan[i][2] else np.nan for i in numbers]
    assert vectors.rows.tolist() == [rows[i].tolist() for i in numbers]
    np.testing.assert_array_equal(labels if vectors.labels is None else vectors.labels, labels)


def test_a_long_run_is_read_row_by_row_the_same() -> None:
    rows = np.random.default_rng(0).normal(size=(70_000, 3)).astype(np.float32)
    body = records.encode_features(rows)
    np.testing.assert_array_equal(records.decode(body).rows, rows)
    # One record in the midst is of another layout.
    odd = 50_001
    frame = len(body) // len(rows)
    changed = body[: odd * frame] + records.encode_features(rows[:1].astype(np.float64)) + body[(odd + 1) * frame :]
    rows[odd] = rows[0]
    np.testing.assert_array_equal(records.decode(changed).rows, rows)


def test_small_integers_in_a_run_do_not_hide_a_longer_one() -> None:
    """[1, 2, 3] and [1, 130] take as many bytes; the second is a row of two."""
    short = [entry(field(7, field(1, bytes([1, 2, 3])))), entry(field(7, field(1, varint(1), varint(130))))]
    assert len(short[0]) == len(short[1])
    with pytest.raises(UserError, match="has 2 numbers") as refused:
        rows_of(*short)
    assert refused.value.at == f"record 2, byte {len(recordio.encode(short[:1]))}"


# Valid forms that writers other than the SDK produce.


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    "message",
    [
        field(1, field(2, field(2, field(1, floats(1, 2)))), field(1, b"values")),
        field(3, b"u1") + dense(1, 2),
        dense(1, 2) + field(4, b"m") + field(5, b"c") + varint(99 << 3) + varint(300) + field(100, b"later"),
        entry(field(2, field(1, floats(1)), field(1, floats(2)))),
        entry(field(2, b"\x0d" + floats(1) + b"\x0d" + floats(2))),
        entry(field(2, field(1, floats(1)), b"\x0d", floats(2))),
        entry(field(7, b"\x08\x01\x08\x02")),
        entry(field(2, field(3, varint(2)), field(1, floats(1, 2)))),
        entry(field(2, field(3, varint(1), varint(2)), field(1, floats(1, 2)))),
        entry(field(2, b"\x18\x02", b"\x10\x01", b"\x10\x00", field(1, floats(2, 1)))),
        entry(field(50, b"?") + field(2, field(60, b"?"), field(1, floats(1, 2)))),
        dense(1, 2) + entry(field(2, field(1, floats(5))), map_=2),
        dense(1, 2) + entry(field(2, field(1, floats(5, 6))), map_=2, name=b"closest_cluster"),
    ],
)
def test_other_spellings_of_a_row(message: bytes, times: int) -> None:
    assert rows_of(*[message] * times) == [[1, 2]] * times


@pytest.mark.parametrize("body", [dense(1, 2), recordio.encode([dense(1, 2)])])
def test_a_bare_record_needs_no_frame(body: bytes) -> None:
    assert records.decode(body).rows.tolist() == [[1, 2]]
    assert records.decode(memoryview(bytearray(body))).rows.tolist() == [[1, 2]]


def test_a_bare_record_may_begin_like_a_frame() -> None:
    tensor = field(2, field(1, floats(1, 2, 3, 4)))
    body = field(1, field(1, b"values"), field(2, tensor), field(50, b"??"))
    assert body[:2] == recordio.MAGIC[:2]
    assert records.decode(body).rows.tolist() == [[1, 2, 3, 4]]


def test_two_dimensions_are_one_row_in_row_major_order() -> None:
    assert rows_of(sparse([1, 5], [8, 9], [2, 3])) == [[0, 8, 0, 0, 0, 9]]


def test_a_record_in_parts() -> None:
    """The number whose bytes are the magic word, where it stands at a multiple of four, cuts the record."""
    [magic] = struct.unpack("<f", recordio.MAGIC)
    message = field(3, b"u") + field(100, b"") + dense(1, magic, 2)
    cut = message.index(recordio.MAGIC)
    begin, end = message[:cut], message[cut + 4 :]
    body = b"".join(
        struct.pack("<II", 0xCED7230A, flag << 29 | len(part)) + part + bytes(-len(part) % 4)
        for flag, part in ((1, begin), (3, end))
    )
    assert records.decode(body).rows.tolist() == [[1, magic, 2]]
    with pytest.raises(UserError) as refused:
        records.decode(recordio.encode([message]) + body.replace(b"values", b"volume"))
    assert refused.value.at == f"record 2, byte {len(recordio.encode([message]))}"


def test_uids_and_metadata_are_kept() -> None:
    messages = [dense(1) + field(3, f"ü{i}".encode()) for i in range(3)] + [dense(1), dense(2) + field(4, b"m")]
    vectors = records.decode(recordio.encode(messages))
    assert vectors.uids == ("ü0", "ü1", "ü2", "", "")
    assert vectors.metadata == ("", "", "", "", "m")


def test_no_bytes_are_no_rows() -> None:
    assert records.decode(b"").rows.shape == (0, 0)
    assert records.encode_features(np.zeros((0, 3), np.float32)) == b""
    assert records.encode_answers({"closest_cluster": float32()}) == b""


# What is refused, and where it is said to be.


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"", "features are none; expected one, named 'values'"),
        (entry(field(2, field(1, floats(1))), name=b"value"), "features are 'value'"),
        (dense(1) + entry(field(2, field(1, floats(1))), name=b"other"), "features are 'other', 'values'"),
        (dense(1) + dense(2), "names 'values' twice"),
        (entry(field(9, field(1, b"png"))), "the value is Bytes"),
        (entry(b""), "holds no tensor"),
        (field(1, field(1, b"values")), "holds no value"),
        (field(1, field(1, b"\xff"), field(2, field(2, field(1, floats(1))))), "not UTF-8"),
        (entry(field(2, field(1, floats(1))) * 2), "a tensor twice"),
        (field(1, field(1, b"a"), field(1, b"values"), field(2, b"")), "twice"),
        (entry(field(2, field(1, b""))), "holds no numbers"),
        (entry(field(2, field(1, b"abc"))), "no whole number of float32"),
        (entry(field(3, field(1, b"abcd"))), "no whole number of float64"),
        (entry(field(2, b"\x08\x01")), "field 1 of the Float32Tensor is not of its type"),
        (entry(b"\x10\x01"), "not as a message"),
        (b"\x08\x01", "field 1 of the record is not of its type"),
        (field(1, b"\x08\x01"), "field 1 of the map"),
        (entry(field(7, field(1, varint(1 << 32)))), "out of the range of int32"),
        (entry(field(7, field(1, b"\x80"))), "cut off"),
        (entry(field(7, field(1, b"\x80" * 200))), "cut off"),
        (entry(field(7, field(1, b"\xff" * 10 + b"\x01"))), "64 bits"),
        (entry(field(7, field(1, b"\x01" * 90 + b"\xff" * 10 + b"\x01"))), "64 bits"),
        (entry(field(7, field(1, b"\xff" * 9 + b"\x02"))), "64 bits"),
        (entry(field(7, field(1, b"\x01" * 90 + b"\xff" * 9 + b"\x02"))), "64 bits"),
        (entry(field(2, field(1, floats(1)), field(2, b"\x00"))), "needs a shape"),
        (sparse([0, 1], [1], [4]), "2 keys stand beside 1 values"),
        (sparse([4], [1], [4]), "the key 4 is outside the shape"),
        (sparse([2**64 - 1], [1], [4]), "is outside the shape"),
        (sparse([1, 2, 1], [1, 2, 3], [4]), "a key stands twice"),
        (sparse([0], [1], [2, 2, 2]), "3 dimensions"),
        (sparse([], [], [0]), "0 numbers"),
        (sparse([], [], [1 << 40]), "expected 1 to"),
        (sparse([], [], [1 << 32, 1 << 32]), "expected 1 to"),
        (sparse([], [1, 2], [3]), "2 values without keys"),
        (dense(float("nan")), "not finite"),
        (dense(float("-inf")), "not finite"),
        (entry(field(3, field(1, struct.pack("<d", 1e39)))), "not finite"),
        (entry(field(3, field(1, b"\x01\x00\x00\x00\x00\x00\xf0\x7f"))), "not finite"),
        (dense(1) + entry(field(2, field(1, floats(1, 2))), map_=2), "holds 2 numbers; expected one"),
        (dense(1)[:-1], "needs"),
        (dense(1) + b"\x00\x00", "number 0"),
        (dense(1) + varint(1 << 32) + b"\x00", "number 536870912"),
        (dense(1) + b"\x0b", "wire type 3"),
        (dense(1) + b"\xff" * 11, "64 bits"),
        (dense(1) + b"\x9a", "cut off"),
        (dense(1) + b"\x1d\x00", "needs 4 bytes"),
    ],
)
@pytest.mark.parametrize("before", [0, 3])
def test_a_malformed_record_is_named(message: bytes, words: str, before: int) -> None:
    body = recordio.encode([dense(1)] * before + [message])
    begins = before * len(recordio.encode([dense(1)]))
    with pytest.raises(UserError, match=words) as refused:
        records.decode(body)
    place = re.fullmatch(r"record (\d+), byte (\d+)", str(refused.value.at))
    assert place
    assert int(place[1]) == before + 1
    assert begins <= int(place[2]) <= len(body)


def test_rows_of_unequal_width_are_refused() -> None:
    with pytest.raises(UserError, match="has 3 numbers, and the first record's has 2") as refused:
        rows_of(dense(1, 2), dense(1, 2), dense(1, 2, 3))
    assert refused.value.at == "record 3, byte 64"


def test_a_number_that_is_not_finite_is_found_within_a_run() -> None:
    rows = np.ones((40_000, 2), np.float32)
    rows[33_333, 1] = np.nan
    with pytest.raises(UserError, match="not finite") as refused:
        records.decode(records.encode_features(rows))
    assert refused.value.at == f"record 33334, byte {33_333 * 32}"


def test_bare_records_one_after_another_do_not_lose_all_but_the_last() -> None:
    with pytest.raises(UserError, match=r"no RecordIO frame.* names 'values' twice.* one at a time"):
        records.decode(dense(1) + dense(2))


def test_a_few_bytes_cannot_ask_for_all_memory() -> None:
    body = recordio.encode([sparse([], [], [1000])] * 5)
    assert records.decode(body, most_cells=5000).rows.shape == (5, 1000)
    with pytest.raises(UserError, match="more than 4999 numbers") as refused:
        records.decode(body, most_cells=4999)
    assert str(refused.value.at).startswith("record 5,")


@pytest.mark.parametrize(
    "rows", [np.array([["a"]]), np.array([[2**31]]), np.array([[-(2**31) - 1]]), np.ones((1, 1), bool)]
)
def test_rows_that_records_cannot_hold_are_refused(rows: NDArray[np.generic]) -> None:
    with pytest.raises(UserError, match="records hold"):
        records.encode_features(rows)


def _mutated(body: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    mutant = bytearray(body)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        at, size = chance.randrange(len(mutant) + 1), chance.choice([0, 1, 1, 2, 4, 9])
        other = chance.choice(others)
        start = chance.randrange(len(other))
        stray = bytes([chance.choice([0, 1, 2, 7, 8, 10, 18, 26, 58, 127, 128, 255])])
        mutant[at : at + size] = chance.choice([b"", stray, stray * size, other[start : start + size], other])
    return bytes(mutant)


def test_mutated_bodies_are_answered_or_refused_in_a_sentence() -> None:
    """Whatever is read from a mutant is a finite matrix, the same whether its records come together or alone."""
    chance = random.Random(7)
    bodies = [golden(name) * 3 for name in GOLDEN] + [records.encode_features(np.ones((9, 2), np.float32)), dense(1, 2)]
    read = 0
    for _ in range(4000):
        body = _mutated(chance.choice(bodies), chance, bodies)
        try:
            rows = records.decode(body).rows
        except UserError as refused:
            assert re.fullmatch(r"record \d+, byte \d+", str(refused.at))  # noqa: PT017
            continue
        assert np.isfinite(rows).all()
        if recordio.framed(body):
            read += 1
            alone = [records.decode(recordio.encode([record])).rows[0] for record in recordio.decode(body)]
            np.testing.assert_array_equal(rows, alone)
    assert read > 200
