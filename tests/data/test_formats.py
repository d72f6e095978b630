"""The same five events in every format are the same pantry."""

import bz2
import gzip
import io
import json
import lzma

import polars as pl
import pytest

from kindred.data.pantry import read
from kindred.errors import UserError
from kit.pantries import pairs

EVENTS = pl.DataFrame(
    {
        "user_id": ["007", "ann", "ann", "bob", "007"],
        "item_id": ["01", "01", "x,y", 'say "hi"\nthere', "🎬"],
        "rating": [5.0, 3.5, 1.0, 2.0, 4.0],
        "timestamp": [1_600_000_000, 1_600_000_100, 1_600_000_200, 1_600_000_300, 1_600_000_400],
    }
)


def as_parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


CSV = EVENTS.write_csv().encode()
ARRAY = json.dumps(EVENTS.to_dicts(), indent=2).encode()
JSONL = "\n".join(json.dumps(row) for row in EVENTS.to_dicts()).encode()
FORMS = {
    "a.csv": CSV,
    "a.CSV": CSV,
    "a.csv.gz": gzip.compress(CSV),
    "members.csv.gz": gzip.compress(CSV[:50]) + gzip.compress(CSV[50:]),
    "a.csv.bz2": bz2.compress(CSV),
    "a.csv.xz": lzma.compress(CSV),
    "bom.csv": b"\xef\xbb\xbf" + CSV,
    "a.tsv": EVENTS.write_csv(separator="\t").encode(),
    "a.tsv.gz": gzip.compress(EVENTS.write_csv(separator="\t").encode()),
    "a.jsonl": JSONL,
    "a.ndjson": b"\n" + JSONL + b"\n\n",
    "a.json.gz": gzip.compress(JSONL),
    "a.json": ARRAY,
    "array.json.gz": gzip.compress(ARRAY),
    "array.jsonl": json.dumps(EVENTS.to_dicts()).encode(),
    "a[1]*.jsonl": JSONL,
    "a[1]*.csv": CSV,
    "a.parquet": as_parquet(EVENTS),
    "a.snappy.parquet": as_parquet(EVENTS),
    "deep/er/a.csv": CSV,
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_events(pantry, name):
    told = pantry(interactions={name: FORMS[name]})
    plain = pantry(train={"plain.csv": CSV})
    assert pairs(told) == pairs(plain)
    assert sorted(pairs(told)) == sorted(zip(EVENTS["user_id"], EVENTS["item_id"], strict=True))
    assert told.fingerprint == plain.fingerprint
    assert told.warnings == ()


def test_windows_line_ends_are_no_part_of_the_last_column(pantry):
    told = pantry(interactions={"a.csv": "user_id,item_id\r\nu,i\r\nv,i\r\n"})
    assert set(told.catalogue.ids) == {"i"}


def test_whole_numbers_are_ids_in_decimal(pantry):
    frame = pl.DataFrame({"user_id": [7, 8], "item_id": [1.0, 2.0], "rating": [1, 2]})
    told = pantry(interactions={"a.parquet": as_parquet(frame)})
    assert set(pairs(told)) == {("7", "1"), ("8", "2")}


def test_json_numbers_are_ids_in_decimal_and_strings_stay(pantry):
    told = pantry(interactions={"a.jsonl": '{"user_id": 7, "item_id": "007"}\n{"user_id": "8", "item_id": 12}\n'})
    assert set(pairs(told)) == {("7", "007"), ("8", "12")}


def test_parquet_dates_are_timestamps(pantry):
    frame = pl.DataFrame({"user": ["u"], "item": ["i"], "time": ["2020-09-13T12:26:40"]})
    moments = frame.with_columns(pl.col("time").str.to_datetime(time_zone="UTC"))
    told = pantry(interactions={"a.parquet": as_parquet(moments)})
    assert told.interactions.timestamps.tolist() == [1_600_000_000]


def test_many_files_are_one(pantry):
    halves = {"a.csv": EVENTS[:2].write_csv(), "b/c.tsv.gz": EVENTS[2:].write_csv(separator="\t")}
    assert pantry(interactions=halves).fingerprint == pantry(train={"a.csv": CSV}).fingerprint


@pytest.mark.parametrize("name", ["b.csv", "b.csv.gz", "b.tsv.gz", "b.jsonl.gz", "b.jsonl", "b.csv.bz2"])
@pytest.mark.parametrize("blank", [b"", b"\n\n"], ids=["empty", "blank"])
def test_a_part_without_a_line_is_skipped(pantry, name, blank):
    pack = {"gz": gzip.compress, "bz2": bz2.compress}.get(name.rpartition(".")[2], bytes)
    told = pantry(interactions={"a.csv": CSV, name: pack(blank)})
    assert len(told.interactions.users) == 5
    assert told.warnings == ()


def test_marker_dot_and_empty_files_are_skipped(pantry):
    junk = {"_SUCCESS": "x", ".a.csv": "junk", "_tmp/a.csv": "junk", "empty.csv": "", ".part.crc": "x", "manifest": "x"}
    assert len(pantry(interactions={"a.csv": CSV, **junk}).interactions.users) == 5


DAMAGED = {
    "short.csv.gz": (gzip.compress(b"user_id,item_id\n" + b"u,i\n" * 9999)[:-10], "cut short"),
    "flipped.csv.gz": (gzip.compress(CSV)[:-8] + b"\0" * 8, "damaged"),
    "short.csv.bz2": (bz2.compress(CSV)[:-9], "cut short"),
    "latin.csv": ("user_id,item_id\nu,é\n".encode("latin-1"), "not UTF-8 (first on line 2)"),
    "wide.csv": ("user_id,item_id\nu,é\n".encode("utf-16"), "not UTF-8"),
    "quotes.csv": (b'user_id,item_id\nu,12" vinyl\n', "quotes do not pair"),
    "open.csv": (b'user_id,item_id\nu,"vinyl\nv,i\n', "quotes do not pair"),
    "a.parquet": (b"PAR1 and no more", "cannot be read as Parquet"),
    "a.jsonl": (b"user_id,item_id\nu,i\n", "not JSON Lines"),
    "latin.jsonl": ('{"user_id": "é", "item_id": "1"}'.encode("latin-1"), "not UTF-8"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_named_with_what_is_wrong(pantry, name):
    content, sentence = DAMAGED[name]
    with pytest.raises(UserError, match="^" + name.split(".")[0]) as raised:
        pantry(interactions={name: content, "zz.csv": "user_id,item_id\nu,i\n"})
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_nested_id_is_refused(pantry):
    frame = pl.DataFrame({"user_id": [["u"], ["v"]], "item_id": ["i", "j"]})
    with pytest.raises(UserError, match=r"a\.parquet: the column 'user_id' is nested"):
        pantry(interactions={"a.parquet": as_parquet(frame)})


def test_reading_leaves_the_folder_as_it_is(fill):
    folder = fill("interactions", {"a.csv": CSV})
    read({"interactions": folder})
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.csv", CSV)]
