"""What S3 and SageMaker call a name, each rule with a sentence of its own.

Rules of buckets: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
"""

import re
from collections.abc import Callable

from .filling import HOLE
from .refusals import Refused

Rule = tuple[Callable[[str], object], str]

PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

BUCKET_RULES: tuple[Rule, ...] = (
    (lambda name: len(name) >= 3, "is too short: 3 characters at least"),
    (lambda name: len(name) <= 63, "is too long: 63 characters at most"),
    (lambda name: name == name.lower(), "has capital letters: write them small"),
    (lambda name: "_" not in name, "has an underscore: take a hyphen"),
    (lambda name: not re.search(r"\s", name), "has a space: take a hyphen"),
    (
        lambda name: re.fullmatch(r"[a-z0-9.-]+", name),
        "has other characters than letters a-z, digits, dots and hyphens",
    ),
    (lambda name: re.match(r"[a-z0-9]", name), "must begin with a letter or a digit"),
    (lambda name: re.search(r"[a-z0-9]$", name), "must end with a letter or a digit"),
    (lambda name: ".." not in name, "has two dots in a row"),
    (lambda name: ".-" not in name and "-." not in name, "has a dot beside a hyphen"),
    (lambda name: not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name), "looks like an IP address"),
    (lambda name: not name.startswith(PREFIXES), f"begins with what S3 keeps for itself ({', '.join(PREFIXES)})"),
    (lambda name: not name.endswith(SUFFIXES), f"ends with what S3 keeps for itself ({', '.join(SUFFIXES)})"),
    (lambda name: "." not in name, "has a dot, with which HTTPS certificates do not fit: take a hyphen"),
)

ACCOUNT, REGION = "123456789012", "ap-southeast-1"


def bucket(name: str) -> str:
    """Return a bucket's name. Raises Refused with the first rule of S3's that it breaks."""
    filled = HOLE.sub(lambda hole: {"account": ACCOUNT, "region": REGION}.get(hole[1], "x"), name)
    for holds, sentence in BUCKET_RULES:
        if not holds(filled):
            raise Refused(f"the bucket name '{name}' {sentence}")
    return name


def sagemaker(name: str, *, most: int = 63) -> str:
    """Return the name of a job, model or endpoint. Raises Refused for one that SageMaker would refuse."""
    filled = HOLE.sub("20260101-000000", name)
    if not re.fullmatch(r"[A-Za-z0-9](-*[A-Za-z0-9])*", filled):
        raise Refused(f"the name '{name}' may only have letters, digits and hyphens, and none of these at its ends")
    if len(filled) > most:
        raise Refused(f"the name '{name}' is too long: {most} characters at most")
    return name


def s3_uri(uri: str) -> str:
    """Return an address such as `s3://bucket/prefix`. Raises Refused for another form."""
    if not re.fullmatch(r"s3://[^/]+(/.*)?", uri):
        raise Refused(f"'{uri}' is no S3 address: s3://bucket/folder")
    bucket(uri.removeprefix("s3://").partition("/")[0])
    return uri


def pair(text: str) -> tuple[str, str]:
    """Return the two halves of `name=value`. Raises Refused where there is no equals sign."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise Refused(f"'{text}' should be name=value")
    return name, value
