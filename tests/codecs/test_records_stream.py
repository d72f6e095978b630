"""Records that come in a stream are those of the whole body, wherever it is cut (contract line 175)."""

import io

import numpy as np
import pytest

from kindred.codecs import recordio, recordio_objects, records, records_stream
from kindred.errors import UserError

ROWS = np.arange(60, dtype=np.float32).reshape(20, 3)
SPARSE = [(np.array([0, 2], np.int64), np.array([1, 2], np.float32)), (np.zeros(0, np.int64), np.zeros(0, np.float32))]
MAGIC = recordio.MAGIC
PARTED = (
    MAGIC + (1 << 29 | 8).to_bytes(4, "little") + b"01234567" + MAGIC + (3 << 29 | 2).to_bytes(4, "little") + b"89\0\0"
)


def read(body, block_bytes, monkeypatch):
    monkeypatch.setattr(records_stream, "BLOCK_BYTES", block_bytes)
    return list(records_stream.parts(io.BytesIO(body)))


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 5, 40, 41, 1 << 20])
@pytest.mark.parametrize("end", [None, -1])
def test_blocks_may_end_anywhere(monkeypatch, block_bytes, end):
    """[175] [127] the last frame with and without its padding"""
    body = (records.encode_features(ROWS) + records.encode_sparse(SPARSE, width=3))[:end]
    assert np.concatenate(read(body, block_bytes, monkeypatch)).tolist() == records.decode(body).rows.tolist()


def test_sparse_rows_end_a_part(monkeypatch):
    monkeypatch.setattr(records_stream, "PART_CELLS", 5)
    parts = read(records.encode_sparse(SPARSE * 6, width=3), 1 << 20, monkeypatch)
    assert [len(part) for part in parts][:2] == [4, 4]
    assert sum(map(len, parts)) == 12


@pytest.mark.parametrize("block_bytes", [7, 100, 1 << 20])
@pytest.mark.parametrize("damage", [slice(250, 254), slice(-9, None)])
def test_a_damage_is_placed_in_the_whole_stream(monkeypatch, block_bytes, damage):
    """[51]"""
    body = bytearray(records.encode_features(ROWS))
    body[damage] = b""
    with pytest.raises(UserError) as whole:
        records.decode(bytes(body))
    with pytest.raises(UserError) as caught:
        read(bytes(body), block_bytes, monkeypatch)
    assert caught.value.at == whole.value.at


def test_rows_of_another_width_in_a_later_block(monkeypatch):
    """[51]"""
    body = records.encode_features(ROWS) + records.encode_features(ROWS[:, :2])
    with pytest.raises(UserError, match="record 21, byte 720: the row has 2 numbers, and the first record's has 3"):
        read(body, 50, monkeypatch)


@pytest.mark.parametrize("taken", [0, 3, -1])
def test_objects_are_streams_whether_read_or_not(taken):
    """[43] [176] one of them in parts, joined by the magic word"""
    body = recordio.encode([b"one", b""]) + PARTED + recordio.encode([b"last"])
    assert [each.read(taken) for each in recordio_objects.objects(io.BytesIO(body))] == [
        content[:taken] if taken >= 0 else content for content in (b"one", b"", b"01234567" + MAGIC + b"89", b"last")
    ]


@pytest.mark.parametrize("cut", [3, 9, 21, 34])
def test_objects_that_are_cut_off(cut):
    """[43] [51]"""
    body = (recordio.encode([b"one"]) + PARTED)[:cut]
    with pytest.raises(UserError, match=r"record \d, byte \d+: "):
        [each.read() for each in recordio_objects.objects(io.BytesIO(body))]
