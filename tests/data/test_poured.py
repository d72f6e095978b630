"""Tables through a pipe become files (contract lines 42, 43)."""

import gzip
import io

import polars as pl
import pytest

from kindred.codecs import recordio
from kindred.data import poured, vectors_text

HEADER = b"user_id,item_id\n"


def pour(folder, *objects, wrapped=False):
    content = recordio.encode(objects) if wrapped else b"".join(objects)
    poured.pour(io.BytesIO(content), folder, label="train_0", wrapped=wrapped)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("block", [7, 1 << 20])
@pytest.mark.parametrize("end", [b"\n", b"", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_headers_of_glued_objects_are_left_out(tmp_path, monkeypatch, block, end, mark):
    """[42] whether or not an object ends in a line end"""
    monkeypatch.setattr(vectors_text, "BLOCK_BYTES", block)
    objects = [mark + HEADER + b"a,%d\nb,%d" % (number, number) + end for number in range(3)]
    (content,) = pour(tmp_path, *objects).values()
    lines = content.replace(b"\r", b"").removeprefix(mark).split()
    assert lines == [HEADER.strip(), b"a,0", b"b,0", b"a,1", b"b,1", b"a,2", b"b,2"]


def test_wrapped_objects_are_files_of_their_own(tmp_path):
    """[43] of any format, packed or not"""
    items = b"item_id\ttitle\n1\tone\n"
    table = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(table)
    found = pour(tmp_path, HEADER + b"a,1", gzip.compress(items), b'{"a": 1}\n', table.getvalue(), b"", wrapped=True)
    assert found == {
        "train_0-1.csv": HEADER + b"a,1",
        "train_0-2.tsv": items,
        "train_0-3.jsonl": b'{"a": 1}\n',
        "train_0-4.parquet": table.getvalue(),
    }


def test_a_word_that_ends_lines_is_no_header(tmp_path):
    assert pour(tmp_path, b"id\ncovid\n") == {"train_0.csv": b"id\ncovid\n"}


def test_an_empty_stream_is_no_file(tmp_path):
    assert pour(tmp_path) == {}
