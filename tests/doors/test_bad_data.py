"""Data that people really bring, through the real `train`: a clear sentence, and nothing lost that was good."""

import gzip
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kindred.desk import stock
from kindred.desk.predictor import Desk
from kit.real_train import train

pytestmark = pytest.mark.slow

HEADER = "user_id,item_id,rating,timestamp\n"
SPOKEN = 1_024
"""SageMaker shows so many characters of the failure file."""


def rows(*, users: int = 60, items: int = 40) -> list[str]:
    """Two tastes: users like, with 5 stars, the items of their own parity, and give the others 2."""
    return [
        f"u{user},i{item},{5 if (user + item) % 2 == 0 else 2},{1_700_000_000 + 3_600 * item + user}\n"
        for user in range(users)
        for item in range(items)
        if (user * 7 + item * 3) % 4
    ]


def table(*extra: str) -> dict[str, dict[str, bytes]]:
    return {"interactions": {"views.csv": (HEADER + "".join([*rows(), *extra])).encode()}}


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


NESTED = parquet(pl.DataFrame({"user_id": [["u1", "u2"]], "item_id": ["i1"]}))
TRUNCATED = gzip.compress((HEADER + "".join(rows())).encode())[:-200]

REFUSED = {
    "an empty channel": ({"interactions": {}}, ["interactions", "no "]),
    "a header alone": ({"interactions": {"views.csv": HEADER.encode()}}, ["interactions", "no rows"]),
    "no recognisable column": (
        {"interactions": {"views.csv": b"alpha,beta\n1,2\n"}},
        ["views.csv", "alpha", "beta", "user_id", "item_id"],
    ),
    "a misspelt column": ({"interactions": {"views.csv": b"user_idd,item_id\n1,2\n"}}, ["user_idd", "user_id"]),
    "a truncated gzip": ({"interactions": {"views.csv.gz": TRUNCATED}}, ["views.csv.gz"]),
    "a nested Parquet column": ({"interactions": {"views.parquet": NESTED}}, ["views.parquet", "user_id"]),
    "not Parquet at all": ({"interactions": {"views.parquet": b"not parquet"}}, ["views.parquet"]),
    "all ratings NaN": (
        {"interactions": {"views.csv": (HEADER + "u1,i1,NaN,1\n" * 20).encode()}},
        ["views.csv", "rating"],
    ),
    "ids of a million characters only": (
        {"interactions": {"views.csv": (HEADER + f"u1,{'x' * 1_000_000},5,1\n" * 3).encode()}},
        ["views.csv:2", "item_id", "1,024"],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_nothing_can_be_learnt_from_is_refused_in_one_sentence(case: str, tmp_path: Path):
    """[51, 72, 73]"""
    channels, words = REFUSED[case]
    trained = train(tmp_path / "ml", channels)
    assert trained.status == 1
    assert trained.failure is not None
    first = trained.failure.splitlines()[0]
    assert first.startswith("ClientError: ")
    assert len(first) <= SPOKEN
    assert [word for word in words if word not in first] == []
    assert "Traceback" not in trained.failure
    assert not list((tmp_path / "ml" / "model").glob("**/*"))


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("u1,i1,NaN,1700000000\n", ["rating"]),
        (f"u1,{'x' * 1_000_000},5,1700000000\n", ["item_id", "1,024"]),
        ("u1,,5,1700000000\n", ["item_id"]),
        ("u1,i1,5,yesterday\n", ["timestamp"]),
    ],
)
def test_a_bad_row_is_named_by_file_and_line_and_the_rest_is_kept(bad: str, words: list[str], tmp_path: Path):
    """[51]"""
    trained = train(tmp_path / "ml", table(bad))
    assert trained.status == 0, trained.log
    line = f"views.csv:{len(rows()) + 2}"
    assert [word for word in [line, *words] if word not in trained.log] == []
    assert len(stock.take(tmp_path / "ml" / "model").ids) == 40


def test_one_user_alone_still_trains_and_is_warned_about(tmp_path: Path):
    one = HEADER + "".join(f"u1,i{item},5,{1_700_000_000 + item}\n" for item in range(30))
    trained = train(tmp_path / "ml", {"interactions": {"views.csv": one.encode()}})
    assert trained.status == 0, trained.log
    assert "one user" in trained.log


@pytest.mark.parametrize(
    ("cell", "item"),
    [
        ('"Crouching Tiger, Hidden Dragon"', "Crouching Tiger, Hidden Dragon"),
        ('"say ""hi"""', 'say "hi"'),
        ("🎬🍿", "🎬🍿"),
        ("007", "007"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_ids_keep_every_character(cell: str, item: str, tmp_path: Path):
    trained = train(tmp_path / "ml", table(*(f"u{user},{cell},5,1700000000\n" for user in range(0, 60, 2))))
    assert trained.status == 0, trained.log
    desk = Desk(stock=stock.take(tmp_path / "ml" / "model"))
    (answer,) = desk.predict([desk.parse({"item_id": item}, {})])
    assert answer.source == "item"


def test_milliseconds_among_seconds_are_the_same_moments(tmp_path: Path):
    mixed = [row if place % 3 else row.rstrip("\n") + "000\n" for place, row in enumerate(rows())]
    views = [(HEADER + "".join(each)).encode() for each in (rows(), mixed)]
    for place, content in enumerate(views):
        assert train(tmp_path / str(place), {"interactions": {"views.csv": content}}).status == 0
    seconds, both = (stock.take(tmp_path / str(place) / "model") for place in range(2))
    assert seconds.users is not None
    assert both.users is not None
    np.testing.assert_array_equal(seconds.users.items, both.users.items)
