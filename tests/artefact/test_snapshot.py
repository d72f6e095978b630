import json

import numpy as np
import pytest

from kindred.artefact import snapshot
from kindred.errors import Bug, UserError

ARRAYS = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.array([1.5, np.nan, np.inf]),
    "empty": np.empty((0, 4), np.float32),
    "turned": np.arange(6, dtype=np.int64).reshape(2, 3).T,
}
FIELDS = {"k": 3, "text": "ü", "list": [1, 2.5, None], "share": 0.1 + 0.2, "number": np.int64(7)}
CONTENT = snapshot.encode("echo", fields=FIELDS, arrays=ARRAYS)


def test_what_was_kept_comes_back_to_the_bit():
    found = snapshot.decode(CONTENT)
    assert found.kind == "echo"
    assert found.fields == FIELDS
    assert set(found.arrays) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert (found.arrays[name].dtype, found.arrays[name].shape) == (array.dtype, array.shape)
        assert found.arrays[name].tobytes() == array.tobytes()
        assert not found.arrays[name].flags.writeable


def test_equal_content_gives_equal_bytes():
    assert snapshot.encode("echo", fields=dict(reversed(FIELDS.items())), arrays=dict(ARRAYS)) == CONTENT


def test_no_byte_may_be_missing_or_another():
    """[58]"""
    for place in range(len(CONTENT)):
        with pytest.raises(UserError):
            snapshot.decode(CONTENT[:place])
        with pytest.raises(UserError):
            snapshot.decode(CONTENT[:place] + bytes([CONTENT[place] ^ 1]) + CONTENT[place + 1 :])
    with pytest.raises(UserError, match="SHA-256 differs"):
        snapshot.decode(CONTENT + b"\0")


def test_another_format_is_told_of(monkeypatch):
    """[58] [69]"""
    with monkeypatch.context() as later:
        later.setattr(snapshot, "FORMAT", 2)
        content = snapshot.encode("echo", fields={}, arrays={})
    with pytest.raises(UserError, match="of format 2; this image reads 1"):
        snapshot.decode(content)


@pytest.mark.parametrize("header", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff", json.dumps([0] * 9).encode()])
def test_a_digest_alone_makes_no_snapshot(header):
    """[157] whoever computes one may write what he likes behind it"""
    body = len(header).to_bytes(8, "little") + header + b"\xff" * 16
    content = snapshot.MAGIC + snapshot.hashlib.sha256(body).digest() + body
    with pytest.raises(UserError, match="not one that this image wrote"):
        snapshot.decode(content)


@pytest.mark.parametrize("fields", [{"x": float("nan")}, {"x": object()}], ids=str)
def test_what_json_cannot_say_is_a_bug(fields):
    with pytest.raises(Bug, match="cannot be kept"):
        snapshot.encode("echo", fields=fields, arrays={})


def test_what_is_no_plain_array_is_a_bug():
    with pytest.raises(Bug, match="cannot be kept"):
        snapshot.encode("echo", fields={}, arrays={"x": np.array(["text"])})
