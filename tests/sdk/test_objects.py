"""Which objects of S3 a channel holds, and which host of local mode gets which."""

import json

import pytest

import kindred.sdk
from kindred.errors import UserError
from kindred.sdk import objects

AT = "s3://bucket/a/.amazon.manifest"


def names(found):
    return [each.name for each in found]


def manifest(*told):
    return objects.of_manifest(json.dumps([{"prefix": "s3://bucket/a/"}, *told]).encode(), at=AT)


def test_a_manifest_lists_names_below_its_prefix():
    """[162]"""
    first, second = manifest("matrix_0.pbr", "deep/matrix_1.pbr")
    assert (first.bucket, first.key, first.name) == ("bucket", "a/matrix_0.pbr", "matrix_0.pbr")
    assert (second.key, second.name) == ("a/deep/matrix_1.pbr", "deep/matrix_1.pbr")


@pytest.mark.parametrize(
    "content", ["", "[", "{}", "[]", '["a"]', '[{"prefix": 1}]', '[{"prefix": "file:///a/"}, "b"]', "\x00"]
)
def test_what_is_no_manifest_is_refused(content):
    with pytest.raises(UserError, match="expected"):
        objects.of_manifest(content.encode(), at=AT)


@pytest.mark.parametrize("name", ["", "../a", "a/../../b", "/etc/passwd", "folder/", 7, None])
def test_a_name_outside_of_the_folder_is_refused(name):
    with pytest.raises(UserError, match="no name below its prefix"):
        manifest("fine", name)


@pytest.mark.parametrize(
    ("prefix", "keys", "expected"),
    [
        ("data/train/", ["data/train/", "data/train/a.csv", "data/train/b/c.csv"], ["a.csv", "b/c.csv"]),
        ("data/train", ["data/train/a.csv", "data/train/b/c.csv"], ["a.csv", "b/c.csv"]),
        ("data/train", ["data/train-1.csv", "data/train/a.csv"], ["train-1.csv", "train/a.csv"]),
        ("data/a.csv", ["data/a.csv"], ["a.csv"]),
        ("", ["a.csv", "b/c.csv"], ["a.csv", "b/c.csv"]),
        ("data/", [], []),
    ],
)
def test_a_prefix_is_a_folder_or_the_beginning_of_names(prefix, keys, expected):
    assert names(objects.of_prefix("bucket", prefix, keys)) == expected


def test_an_object_that_leads_out_of_the_folder_is_refused():
    """A key of S3 may hold anything; a file of this machine is not to be written over."""
    with pytest.raises(UserError, match="leads out") as refused:
        objects.of_prefix("bucket", "data/", ["data/a.csv", "data/../../a.csv"])
    assert refused.value.at == "s3://bucket/data/../../a.csv"


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_every_object_goes_to_one_host(count):
    """[46]"""
    found = manifest(*[f"matrix_{i}.pbr" for i in reversed(range(count))])
    shares = objects.divided(found, hosts=["algo-2", "algo-1", "algo-3"])
    assert sorted(names(sum(shares.values(), ()))) == sorted(names(found))
    assert {host: len(share) for host, share in shares.items()} == {
        f"algo-{i + 1}": len(range(i, count, 3)) for i in range(3)
    }
    assert names(shares["algo-2"]) == [f"matrix_{i}.pbr" for i in range(1, count, 3)]


@pytest.mark.parametrize("uri", ["file:///a", "s3://", "bucket/key", ""])
def test_an_address_is_one_of_s3(uri):
    with pytest.raises(UserError, match="s3://BUCKET/KEY"):
        objects.address(uri)


def test_without_the_sdk_a_sentence_says_what_to_install():
    with pytest.raises(UserError, match=r'pip install "sagemaker\[local\]<3"'):
        kindred.sdk.KMeans  # noqa: B018
    with pytest.raises(AttributeError, match="KMedians"):
        kindred.sdk.KMedians  # noqa: B018
