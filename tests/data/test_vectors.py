"""Folders of vectors, in every format, become rows in shards (contract lines 29, 37, 47, 48, 51, 162)."""

import bz2
import gzip
import json
import lzma

import numpy as np
import polars as pl
import pytest

from kindred.codecs import npy, records
from kindred.data import vectors, vectors_spool, vectors_text
from kindred.data.vectors import Asked
from kindred.errors import UserError

ROWS = np.array([[1.5, 16, 14, 23], [0, -2.25, 3e-3, 1e6], [7, 8, 9, 10]], dtype=np.float32)
SPARSE = [{"keys": [1, 3], "shape": [4], "values": [5, 6]}, {"shape": [4]}]


def csv(rows):
    return "".join(",".join(map(repr, map(float, row))) + "\n" for row in rows).encode()


def lines(instances):
    return "".join(json.dumps(instance) + "\n" for instance in instances).encode()


def parquet(table, folder):
    table.write_parquet(folder / "table")
    return (folder / "table").read_bytes()


LISTS = [list(map(float, row)) for row in ROWS]
FORMS = {
    "recordio float32": records.encode_features(ROWS),
    "recordio float64": records.encode_features(ROWS.astype(np.float64)),
    "npy": npy.encode(ROWS),
    "npy float64, by column": npy.encode(np.asfortranarray(ROWS.astype(np.float64))),
    "csv": csv(ROWS),
    "csv, mark, crlf, no last end": b"\xef\xbb\xbf" + csv(ROWS).replace(b"\n", b"\r\n").rstrip(),
    "csv, utf-16": csv(ROWS).decode().encode("utf-16"),
    "json lines": lines([{"features": LISTS[0]}, {"data": {"features": {"values": LISTS[1]}}}, LISTS[2]]),
    "json": json.dumps({"instances": [{"features": row} for row in LISTS]}, indent=1).encode(),
    "json, a line": json.dumps(LISTS).encode(),
}


def read(folder, **asked):
    return vectors.read(folder, Asked(**{"memory_bytes": 1 << 30, "largest": 1e18, **asked}))


def put(folder, **files):
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def whole(found):
    return np.concatenate(found.shards).tolist()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["matrix_0.pbr", "part-00000", "data.csv"])
def test_the_content_says_what_it_is_whatever_the_name(tmp_path, form, name):
    """[29]"""
    found = read(put(tmp_path, **{name: FORMS[form]}))
    assert whole(found) == ROWS.tolist()
    assert (found.count, found.width, found.notes) == (3, 4, ())
    assert {shard.dtype for shard in found.shards} == {np.dtype(np.float32)}


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress], ids=["gz", "bz2", "xz"])
@pytest.mark.parametrize("form", ["recordio float32", "npy", "csv", "json lines", "json"])
def test_packed_files_are_unpacked(tmp_path, form, pack):
    """[42]"""
    assert whole(read(put(tmp_path, packed=pack(FORMS[form])))) == ROWS.tolist()


@pytest.mark.parametrize(
    "table",
    [
        pl.DataFrame(ROWS.astype(np.float64)),
        pl.DataFrame(ROWS),
        pl.DataFrame({"vector": LISTS}),
        pl.DataFrame({"vector": pl.Series(LISTS, dtype=pl.Array(pl.Float32, 4))}),
    ],
    ids=["float64", "float32", "lists", "arrays"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_parquet_of_columns_or_of_lists(tmp_path, table, pack):
    content = pack(parquet(table, tmp_path))
    assert whole(read(put(tmp_path / "in", table=content))) == ROWS.tolist()


def test_sparse_rows_and_rows_of_zeros_are_dense(tmp_path):
    """[178] [179]"""
    zeros = bytes.fromhex("0a23d7ce110000000a0f0a0676616c75657312051203" + "1a0104" + "000000")
    folder = put(tmp_path, a=records.encode_features(ROWS) + zeros, b=lines(SPARSE))
    assert whole(read(folder)) == [*ROWS.tolist(), [0] * 4, [0, 5, 0, 6], [0] * 4]


def test_several_files_of_several_formats_in_folders_come_in_the_order_of_their_names(tmp_path):
    """[37] [162] markers, manifests and empty files are passed over"""
    folder = put(
        tmp_path,
        b__two=npy.encode(ROWS[1:2]),
        a__one=csv(ROWS[:1]),
        c__three__four=records.encode_features(ROWS[2:]),
        empty=b"",
        _SUCCESS=b"",
        **{".amazon.manifest": b'[{"prefix": "s3://bucket/"}, "one"]', ".hidden__five": b"1\n"},
    )
    assert whole(read(folder)) == ROWS.tolist()


@pytest.mark.parametrize("empty", [b"", b"\n", gzip.compress(b"")])
def test_a_folder_without_rows_has_none(tmp_path, empty):
    """[46] a shard may be empty"""
    found = read(put(tmp_path, part=empty))
    assert (found.shards, found.count, found.width) == ((), 0, 0)


def test_text_is_read_a_block_at_a_time_and_lines_keep_their_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors_text, "BLOCK_BYTES", 100)
    rows = np.arange(400, dtype=np.float32).reshape(100, 4)
    for content in (csv(rows), lines(map(list, rows.tolist()))):
        assert whole(read(put(tmp_path, part=content))) == rows.tolist()
    for broken, at in ((b"1,2,x,4", "part:51, cell 3"), (b"1,2", "part:51")):
        cut = b"\n".join([*csv(rows).split(b"\n")[:50], broken, *csv(rows).split(b"\n")[50:]])
        with pytest.raises(UserError) as caught:
            read(put(tmp_path, part=cut))
        assert caught.value.at in (at, "part")


def test_small_files_are_joined_and_large_ones_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors_spool, "SHARD_BYTES", 3 * ROWS.nbytes)
    found = read(put(tmp_path, **{f"part{number}": csv(ROWS) for number in range(7)}))
    assert [len(shard) for shard in found.shards] == [9, 9, 3]


def test_a_large_plain_array_stays_on_its_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(vectors_spool, "SHARD_BYTES", 1)
    (shard,) = read(put(tmp_path, a=npy.encode(ROWS))).shards
    assert not shard.flags.owndata
    assert not shard.flags.writeable


LABELLED = csv(np.column_stack([[9, 8, 9], ROWS]))


def test_columns_of_labels_are_left_out(tmp_path):
    """[47] [48]"""
    folder = put(tmp_path, a=LABELLED)
    assert whole(read(folder, label_size=1)) == ROWS.tolist()
    assert whole(read(folder, label_size=2)) == ROWS[:, 1:].tolist()
    assert read(folder).width == 5


def test_one_number_more_than_feature_dim_is_a_label_as_in_the_built_in(tmp_path):
    """[47] the built-in takes the first column for a label unless the content type says label_size=0"""
    found = read(put(tmp_path, a=LABELLED, b=LABELLED), width=4)
    assert whole(found) == [*ROWS.tolist()] * 2
    (note,) = found.notes
    assert "the first is taken for a label" in note
    with pytest.raises(UserError, match="a: the rows have 5 numbers; expected 4, as feature_dim says"):
        read(tmp_path, width=4, label_size=0)


ERRORS = [
    ({"a.csv": b"1,2\n3,4\n5\n"}, "a.csv:3", "the line has 1 cells, and the first has 2"),
    ({"a.csv": b"1,2\n3,NaN\n"}, "a.csv:2, cell 2", "'NaN' is no finite number"),
    ({"a.csv": b"1,2\n3,inf\n"}, "a.csv:2, cell 2", "'inf' is no finite number"),
    ({"a.csv": b"1,2\n3,\n"}, "a.csv:2, cell 2", "the cell is empty"),
    ({"a.csv": b"1,2\n3,1e19\n"}, "a.csv: row 2", "beyond 1e+18"),
    ({"a.csv": b"width,height\n1,2\n"}, "a.csv:1", "is a header ('width', 'height')"),
    ({"a.csv": b"1,2\n", "in__b.csv": b"1,2,3\n"}, "in/b.csv", "have 3 numbers; expected 2, as a.csv has"),
    ({"a.csv": b"1,2\n\xff,2\n"}, "a.csv", "not UTF-8"),
    ({"a.jsonl": b"[1,2]\n[1,null]\n"}, "a.jsonl:2", "null"),
    ({"a.jsonl": b"[1,2]\n[1,2,3]\n"}, "a.jsonl:2", "3 numbers; expected 2"),
    ({"a.jsonl": b"[1,2]\n[1,2\n"}, "a.jsonl:2", "JSON"),
    ({"a.json": b'{"instances": [[1,2],[3]]}'}, "a.json: instances[1]", "1 numbers; expected 2"),
    ({"a.npy": npy.encode(np.float32([[1, 2], [3, np.nan]]))}, "a.npy: [1]", "finite"),
    ({"a.npy": npy.encode(ROWS)[:-3]}, "a.npy", "announces"),
    ({"a.pbr": records.encode_features(ROWS)[:-3]}, "a.pbr: record 3, byte 80", "announces"),
    ({"a.pbr": records.encode_features(ROWS) + records.encode_features(ROWS[:, :2])}, "a.pbr: record 4", "2 numbers"),
    (
        {"a.png": b"\x89PNG\r\n\x1a\n\0\0"},
        "a.png",
        "none of RecordIO-protobuf, npy, Parquet, JSON, JSON Lines, LIBSVM, CSV",
    ),
    ({"a.gz": gzip.compress(csv(ROWS))[:-12]}, "a.gz", "cut short or damaged"),
    ({"a.parquet": b"PAR1PAR1"}, "a.parquet", "Parquet"),
]


@pytest.mark.parametrize(("files", "at", "told"), ERRORS, ids=[f"{at} {told}"[:40] for _, at, told in ERRORS])
def test_what_is_wrong_is_told_with_file_and_place(tmp_path, files, at, told):
    """[51]"""
    with pytest.raises(UserError) as caught:
        read(put(tmp_path, **files))
    assert caught.value.at is not None
    assert caught.value.at.startswith(at)
    assert told in caught.value.sentence


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (pl.DataFrame({"a": [1.0, 2.0], "title": ["x", "y"]}), "the column 'title' is of type String"),
        (pl.DataFrame({"a": [1.0, None]}), "table: row 2: the row lacks a number"),
        (pl.DataFrame({"vector": [[1.0, 2.0], [1.0]]}), "the list has 1 numbers, and the first has 2"),
        (pl.DataFrame({"vector": [[1.0, 2.0], None]}), "the list has 0 numbers, and the first has 2"),
    ],
)
def test_parquet_that_is_no_matrix(tmp_path, table, told):
    """[51]"""
    folder = put(tmp_path / "in", table=parquet(table, tmp_path))
    with pytest.raises(UserError, match=told) as caught:
        read(folder)
    assert caught.value.at.startswith("table")


def test_sparse_rows_do_not_fill_the_memory(tmp_path):
    """Ninety bytes that spread to sixteen million numbers."""
    wide = bytes.fromhex("0a23d7ce130000000a110a0676616c7565731207" + "1205" + "1a03808040" + "00")
    found = read(put(tmp_path, a=wide * 16), memory_bytes=1 << 26)
    assert (found.count, found.width) == (16, 1 << 20)
    assert "67,108,864 bytes of rows lie in a scratch file" in found.notes[0]


def test_the_fingerprint_knows_rows_and_not_their_order(tmp_path):
    def fingerprint(name, **files):
        return read(put(tmp_path / name, **files)).fingerprint

    one = fingerprint("one", a=csv(ROWS))
    assert fingerprint("two", a=npy.encode(ROWS[2:]), b=records.encode_features(ROWS[:2])) == one
    others = [ROWS[:2], ROWS[:, ::-1], ROWS + 1, np.concatenate([ROWS, ROWS]), ROWS.reshape(4, 3), -ROWS]
    found = {fingerprint(f"other{number}", a=npy.encode(other)) for number, other in enumerate(others)}
    assert len(found | {one}) == len(others) + 1
    assert fingerprint("zero", a=b"0,1\n") == fingerprint("minus", a=b"-0,1\n")


VECTORS = [
    *FORMS.values(),
    b"1\n",
    b"x,y\n1,2\n",
    records.encode_features(ROWS)[:20],
    gzip.compress(csv(ROWS)),
    b"1,2\n3\n",
]
NO_VECTORS = [
    b"",
    b"a text\nof lines\n",
    b"movieId;title\n1;x\n",
    b'{"item_id": "7"}\n{"item_id": "8"}\n',
    b"1::2::3\n",
    b"name,born\nAda,1815\n",
    b"\x89PNG\0",
]


@pytest.mark.parametrize("content", VECTORS)
def test_vectors_are_recognised(tmp_path, content):
    assert vectors.recognises(put(tmp_path, a=content))


@pytest.mark.parametrize("content", NO_VECTORS)
def test_other_things_are_not(tmp_path, content):
    assert not vectors.recognises(put(tmp_path, a=content))


def test_parquet_is_recognised_by_its_columns(tmp_path):
    assert vectors.recognises(put(tmp_path / "in", a=parquet(pl.DataFrame(ROWS), tmp_path)))
    words = pl.DataFrame({"a": ["x"], "b": [1.0]})
    assert not vectors.recognises(put(tmp_path / "out", a=parquet(words, tmp_path)))
