import mmap
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kindred.artefact.arrays import load, save
from kindred.artefact.strings import WIDEST_BYTES, pack, pack_index, unpack
from kindred.errors import Bug, UserError

ODD = ["", "a", "b", "ab", "\0", "a\0", "é", "e\u0301", "🎬", "a,b", '"', "\n", "x" * 100_000, "\uffff", "\U0001f600"]
DTYPES = {"t.hashes": np.uint64, "t.order": np.int32, "t.rank": np.int32}


def table_of(texts):
    return unpack(pack("t", texts) | pack_index("t", texts))["t"]


def test_strings_are_read_by_number_and_found_by_text():
    table = table_of(ODD)
    assert len(table) == len(ODD)
    assert list(table) == ODD
    assert table.many(range(len(ODD))) == ODD
    assert table.numbers(ODD).tolist() == list(range(len(ODD)))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True), st.lists(st.text()))
def test_numbers_agree_with_a_dictionary(texts, asked):
    known = {text: number for number, text in enumerate(texts)}
    found = table_of(texts).numbers(texts + asked)
    assert found.dtype == np.int64
    assert found.tolist() == [known.get(text, -1) for text in texts + asked]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True))
def test_rank_is_the_place_in_the_order_of_bytes(texts):
    rank = table_of(texts).rank
    ranked = [texts[number] for number in np.argsort(rank)]
    assert [text.encode() for text in ranked] == sorted(text.encode() for text in texts)
    assert sorted(rank.tolist()) == list(range(len(texts)))


SHORT = st.text("a\0é🎬", max_size=6)
LONG = st.text("a\0", min_size=WIDEST_BYTES - 1, max_size=WIDEST_BYTES + 2)


@given(st.lists(SHORT, unique=True) | st.lists(SHORT | LONG, unique=True))
@example(["a\0\0", "a", "a\0", "\0", ""])
def test_the_index_is_what_its_definition_says(texts):
    """Hash by hash, and in the order of bytes: zero bytes at the end count, and length decides nothing."""
    keys = [text.encode() for text in texts]
    hashes = [int.from_bytes(blake2b(key, digest_size=8).digest(), "little") for key in keys]
    order = sorted(range(len(keys)), key=hashes.__getitem__)
    ranked = sorted(keys)
    found = pack_index("t", texts)
    assert {name: array.dtype for name, array in found.items()} == DTYPES
    assert found["t.hashes"].tolist() == sorted(hashes)
    assert found["t.order"].tolist() == order
    assert found["t.rank"].tolist() == [ranked.index(key) for key in keys]


def test_many_follows_the_order_asked_with_repeats():
    table = table_of(["a", "b", "c"])
    assert table.many(np.array([2, 0, 2], np.int32)) == ["c", "a", "c"]
    assert table.many([]) == []


@pytest.mark.parametrize("number", [-1, 3, 2**40])
def test_a_number_outside_the_table_is_an_index_error(number):
    table = table_of(["a", "b", "c"])
    with pytest.raises(IndexError, match="t holds numbers 0 to 2"):
        table.many([0, number])
    with pytest.raises(IndexError, match=f"t has no number {number}"):
        table[number]


def test_an_empty_table_knows_nobody():
    table = table_of([])
    assert list(table) == table.many([]) == []
    assert table.numbers(["a"]).tolist() == [-1]


def test_two_texts_of_one_hash_are_told_apart():
    arrays = pack("t", ["other", "asked"]) | pack_index("t", ["other", "asked"])
    same = pack_index("t", ["asked"])["t.hashes"]
    arrays |= {"t.hashes": np.repeat(same, 2), "t.order": np.array([0, 1], np.int32)}
    assert unpack(arrays)["t"].numbers(["asked", "neither"]).tolist() == [1, -1]


def test_texts_that_are_alike_when_joined_are_told_apart():
    arrays = pack("t", ["a", "bc"]) | pack_index("t", ["ab", "c"])
    assert unpack(arrays)["t"].numbers(["ab", "c"]).tolist() == [-1, -1]


@settings(deadline=None, max_examples=50)
@given(st.data(), st.lists(SHORT | LONG, unique=True, min_size=1, max_size=8))
def test_numbers_are_what_their_definition_says_where_hashes_are_shared(data, texts):
    """Texts lie under the hash of another: each is found where that is its own, whoever else lies there."""
    lent = data.draw(st.lists(st.integers(0, len(texts) - 1) | st.none(), min_size=len(texts), max_size=len(texts)))
    under = [texts[number if one is None else one] for number, one in enumerate(lent)]
    hashes = np.array([pack_index("t", [text])["t.hashes"][0] for text in under])
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    table = unpack(pack("t", texts) | pack_index("t", texts) | {"t.hashes": hashes[order], "t.order": order})["t"]
    asked = data.draw(st.lists(st.sampled_from(texts) | SHORT | st.just("\udc80"), max_size=20))
    known = {text: number for number, text in enumerate(texts) if under[number] == text}
    assert table.numbers(asked).tolist() == [known.get(text, -1) for text in asked]


def test_a_text_that_stands_twice_cannot_be_indexed():
    with pytest.raises(Bug, match="'b' stands twice, at 1 and 3"):
        pack_index("t", ["a", "b", "c", "b"])


def test_a_table_without_index_is_not_searched():
    table = unpack(pack("titles", ["same", "same"]))["titles"]
    assert list(table) == ["same", "same"]
    with pytest.raises(Bug, match="'titles' were written without an index"):
        table.numbers(["same"])
    with pytest.raises(Bug, match="'titles' were written without an index"):
        table.rank  # noqa: B018


def test_a_name_may_hold_dots():
    assert unpack(pack("columns.genre.values", ["a"]))["columns.genre.values"][0] == "a"


def test_nothing_of_a_mapped_table_is_copied(tmp_path):
    save(tmp_path / "s", pack("t", ODD) | pack_index("t", ODD))
    table = unpack(load(tmp_path / "s"))["t"]
    for array in (table.blob, table.offsets, table.index.hashes, table.index.order, table.rank):
        assert isinstance(array.base, mmap.mmap)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("offsets", np.array([], np.int64)),
        ("offsets", np.array([1, 1, 2], np.int64)),
        ("offsets", np.array([0, 1, 3], np.int64)),
        ("offsets", np.array([0, 3, 2], np.int64)),
        ("offsets", np.array([0, -1, 2], np.int64)),
        ("offsets", np.array([0, 1, 2], np.int32)),
        ("offsets", np.array([[0, 1, 2]], np.int64)),
        ("offsets", np.frombuffer(b"\0" * 25, np.uint8)[1:].view(np.int64)),
        ("blob", np.array(0, np.uint8)),
        ("hashes", np.array([1], np.uint64)),
        ("order", np.array([0, 2], np.int32)),
        ("order", np.array([-1, 0], np.int32)),
        ("order", np.array([0, 1], np.float32)),
        ("rank", np.array([0, 1, 2], np.int32)),
    ],
    ids=range(14),
)
def test_parts_that_do_not_fit_together_are_refused(part, value):
    arrays = pack("t", ["a", "b"]) | pack_index("t", ["a", "b"])
    with pytest.raises(UserError, match="the model is damaged"):
        unpack(arrays | {f"t.{part}": value})


@pytest.mark.parametrize("part", ["blob", "offsets", "order", "rank"])
def test_a_missing_part_is_refused_by_name(part):
    arrays = pack("t", ["a", "b"]) | pack_index("t", ["a", "b"])
    del arrays[f"t.{part}"]
    with pytest.raises(UserError, match=f"'t.{part}' should be"):
        unpack(arrays)


def test_bytes_that_are_not_text_are_refused_when_read():
    table = unpack({"t.blob": np.array([255, 65], np.uint8), "t.offsets": np.array([0, 1, 2])})["t"]
    assert table[1] == "A"
    with pytest.raises(UserError, match="t: the model is damaged: a string is not UTF-8"):
        table[0]
    with pytest.raises(UserError, match="t: the model is damaged: a string is not UTF-8"):
        table.many([1, 0])
