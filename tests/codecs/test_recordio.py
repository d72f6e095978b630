"""RecordIO's frames, there and back (contract lines 127, 175, 176)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindred.codecs import recordio
from kindred.errors import UserError

WHOLE, BEGIN, MIDDLE, END = range(4)


def frame(content: bytes, *, part: int = WHOLE) -> bytes:
    return struct.pack("<II", 0xCED7230A, part << 29 | len(content)) + content + bytes(-len(content) % 4)


@given(st.lists(st.binary(max_size=9)))
def test_there_and_back(records: list[bytes]) -> None:
    body = recordio.encode(records)
    assert body == b"".join(map(frame, records))
    assert [bytes(record) for record in recordio.decode(body)] == records


@given(st.lists(st.binary(max_size=9), min_size=1), st.integers(0, 3))
def test_the_last_frame_may_lack_its_padding(records: list[bytes], kept: int) -> None:
    padding = -len(records[-1]) % 4
    body = recordio.encode(records)
    body = body[: len(body) - max(padding - kept, 0)]
    assert [bytes(record) for record in recordio.decode(body)] == records


def test_records_are_views_of_the_body() -> None:
    body = bytearray(recordio.encode([b"abcd"]))
    [record] = recordio.decode(body)
    body[8:12] = b"wxyz"
    assert bytes(record) == b"wxyz"


def test_a_record_in_parts_is_joined_by_the_magic_word_at_which_it_was_cut() -> None:
    body = frame(b"aaaa", part=BEGIN) + frame(b"", part=MIDDLE) + frame(b"bb", part=END) + frame(b"c")
    joined = b"aaaa" + recordio.MAGIC + recordio.MAGIC + b"bb"
    assert [bytes(record) for record in recordio.decode(body)] == [joined, b"c"]


@pytest.mark.parametrize(
    ("body", "at", "words"),
    [
        (b"\x0a", "record 1, byte 0", "cut off after 1"),
        (b"a,b,c,d\n", "record 1, byte 0", "61 2c 62 2c"),
        (frame(b"abcd") + b"\n", "record 2, byte 12", "cut off after 1"),
        (frame(b"abcd") + bytes(8), "record 2, byte 12", "00 00 00 00"),
        (frame(b"abcd")[:-1], "record 1, byte 0", "announces 4 bytes, and the body holds 3"),
        (frame(b"ab", part=MIDDLE), "record 1, byte 0", "no beginning"),
        (frame(b"ab", part=END), "record 1, byte 0", "no beginning"),
        (frame(b"ab", part=5), "record 1, byte 0", "continuation flag is 5"),
        (frame(b"ab", part=BEGIN), "record 1, byte 12", "within a record that comes in parts"),
        (frame(b"ab", part=BEGIN) + frame(b"c"), "record 1, byte 12", "not ended"),
        (frame(b"ab", part=BEGIN) + frame(b"c", part=BEGIN), "record 1, byte 12", "not ended"),
    ],
)
def test_a_malformed_frame_is_named(body: bytes, at: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as refused:
        recordio.decode(body)
    assert refused.value.at == at


def test_a_record_that_the_length_word_cannot_hold_is_refused() -> None:
    assert recordio.header(recordio.LONGEST)[4:] == b"\xff\xff\xff\x1f"
    with pytest.raises(UserError, match="too long"):
        recordio.header(recordio.LONGEST + 1)


@pytest.mark.parametrize(("body", "answer"), [(b"", False), (b"\x0a\x23\xd7", False), (b"\x0a\x23\xd7\xce", True)])
def test_all_four_bytes_of_the_magic_word_count(body: bytes, answer: bool) -> None:
    assert recordio.framed(body) is answer
