import json

import numpy as np
import pytest
from msgspec.structs import replace

from kindred.artefact.manifest import FORMAT, Manifest, decode, encode
from kindred.errors import Bug, UserError

PLAIN = Manifest(
    algorithm="echo",
    hyperparameters={"k": 3, "name": "a", "rate": 0.1, "off": None},
    seed=1,
    fingerprint="f",
    versions={"numpy": "2"},
    metrics={"loss": 1.5},
    notes=["one"],
    facts={"b": [1, {"c": None}], "a": {}},
)


def test_decode_returns_what_encode_was_given():
    assert decode(encode(PLAIN)) == PLAIN


def test_order_of_keys_does_not_change_the_bytes():
    turned = replace(
        PLAIN,
        hyperparameters=dict(reversed(PLAIN.hyperparameters.items())),
        facts=dict(reversed(PLAIN.facts.items())),
    )
    assert encode(turned) == encode(PLAIN)


def test_numbers_of_numpy_become_plain_ones():
    manifest = replace(PLAIN, metrics={"loss": np.float32(0.5)}, facts={"k": np.int64(3), "yes": np.True_})
    assert decode(encode(manifest)).facts == {"k": 3, "yes": True}
    assert decode(encode(manifest)).metrics == {"loss": 0.5}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"metrics": {"loss": float("nan")}}, "manifest.metrics.loss is nan"),
        ({"metrics": {"loss": np.float32("inf")}}, "manifest.metrics.loss is inf"),
        ({"facts": {"deep": [0, {"x": float("-inf")}]}}, r"manifest.facts.deep\[1\].x is -inf"),
        ({"facts": {"array": np.arange(3)}}, "a ndarray is no JSON value"),
        ({"notes": ["\ud800"]}, "surrogates"),
    ],
)
def test_what_json_cannot_say_is_our_own_bug(change, said):
    with pytest.raises(Bug, match=said):
        encode(replace(PLAIN, **change))


def test_keys_of_a_later_release_are_ignored():
    content = json.loads(encode(PLAIN)) | {"colour": "blue"}
    assert decode(json.dumps(content).encode()) == PLAIN


@pytest.mark.parametrize("version", [0, FORMAT + 2, -1])
def test_another_format_is_refused_by_its_number(version):
    """[69]"""
    content = {"format": version, "all else": "may have changed"}
    with pytest.raises(UserError, match=f"written by format {version}; this image reads {FORMAT}"):
        decode(json.dumps(content).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"format": "1"}',
        b'{"format": 1}',
        b'{"format": 1e400}',
        b'{"format": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"format": 1, "facts": ' + b"[" * 100_000,
        encode(PLAIN)[:-10],
        encode(PLAIN).replace(b'"loss": 1.5', b'"loss": null'),
    ],
    ids=range(13),
)
def test_garbage_is_refused_in_a_sentence(content):
    with pytest.raises(UserError, match=r"manifest\.json: the file is not a whole manifest"):
        decode(content)
