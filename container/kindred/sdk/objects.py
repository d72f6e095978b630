"""Which objects of S3 a channel holds: their names in its folder, and which of several hosts gets which.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from kindred.errors import UserError

MANIFEST = '[{"prefix": "s3://BUCKET/PREFIX/"}, "NAME", ...]'


@dataclass(frozen=True, kw_only=True)
class Object:
    """An object of a bucket; `name` is its path below the channel's folder."""

    bucket: str
    key: str
    name: str


def address(uri: str) -> tuple[str, str]:
    """Return the bucket and the key of `s3://BUCKET/KEY`. Raises UserError for any other text."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket:
        raise UserError(f"'{uri[:200]}' is no address in S3; expected s3://BUCKET/KEY")
    return bucket, key


def of_manifest(content: bytes, *, at: str) -> tuple[Object, ...]:
    """Return the objects that a manifest lists, in its order. Raises UserError, `at` the manifest, where it is none."""
    try:
        told = json.loads(content)
    except ValueError:
        raise UserError(f"the manifest is no JSON; expected {MANIFEST}", at=at) from None
    if not (isinstance(told, list) and told and isinstance(told[0], dict) and isinstance(told[0].get("prefix"), str)):
        raise UserError(f"the manifest does not begin with its prefix; expected {MANIFEST}", at=at)
    if not all(isinstance(name, str) and _inside(name) for name in told[1:]):
        raise UserError(f"the manifest lists what is no name below its prefix; expected {MANIFEST}", at=at)
    bucket, prefix = address(told[0]["prefix"])
    return tuple(Object(bucket=bucket, key=prefix + name, name=name) for name in told[1:])


def of_prefix(bucket: str, prefix: str, keys: Iterable[str]) -> tuple[Object, ...]:
    """Return the objects of these keys, all of which begin with `prefix`, without the markers of folders.

    Names begin after the prefix where that is a folder, else after its last slash. Raises UserError for one that would
    lead out of the channel's folder.
    """
    files = [key for key in keys if not key.endswith("/")]
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    if not all(key.startswith(folder) for key in files):
        folder = prefix[: prefix.rfind("/") + 1]
    found = tuple(Object(bucket=bucket, key=key, name=key.removeprefix(folder)) for key in files)
    for each in found:
        if not _inside(each.name):
            raise UserError("the object's name leads out of the channel's folder", at=f"s3://{bucket}/{each.key}")
    return found


def divided(objects: Sequence[Object], *, hosts: Sequence[str]) -> Mapping[str, tuple[Object, ...]]:
    """Return every host's share, every n-th object in the order of keys; that may be nothing."""
    ordered = sorted(objects, key=lambda each: each.key)
    return {host: tuple(ordered[i :: len(hosts)]) for i, host in enumerate(sorted(hosts))}


def _inside(name: str) -> bool:
    return bool(name) and not name.endswith("/") and not {"..", "/"} & set(PurePosixPath(name).parts)
