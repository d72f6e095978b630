"""Every rule of S3's on names has a sentence of its own."""

import pytest
from scripts.aws import naming
from scripts.aws.defaults import BUCKET
from scripts.aws.refusals import Refused

BROKEN = [
    ("ab", "too short"), ("a" * 64, "too long"), ("Films", "capital"), ("my_films", "underscore"),
    ("my films", "space"),
    ("films!", "other characters"), ("-films", "begin"), ("films-", "end"), ("my..films", "two dots"),
    ("my.-films", "beside a hyphen"), ("192.168.5.4", "IP address"), ("xn--films", "keeps for itself"),
    ("sthree-films", "keeps for itself"), ("amzn-s3-demo-films", "keeps for itself"),
    ("films-s3alias", "keeps for itself"),
    ("films--ol-s3", "keeps for itself"), ("films--x-s3", "keeps for itself"), ("my.films", "certificates"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "says"), BROKEN)
def test_a_name_that_s3_refuses(name, says):
    with pytest.raises(Refused, match=says):
        naming.bucket(name)


def test_every_rule_is_shown():
    said = []
    for name, _ in BROKEN:
        with pytest.raises(Refused) as refusal:
            naming.bucket(name)
        said.append(refusal.value.sentence)
    for _, sentence in naming.BUCKET_RULES:
        assert [each for each in said if each.endswith(sentence)], sentence


@pytest.mark.parametrize("name", ["abc", "a" * 63, "my-films-2", "0-1", BUCKET])
def test_a_name_that_s3_takes(name):
    assert naming.bucket(name) == name
