"""create-bucket: a private, encrypted bucket for data, models and reports."""

from typing import Annotated

from typer import Argument

from .aws import links, naming, undoing
from .aws.defaults import BUCKET
from .aws.plan import MISSING, Call, Plan, once

BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": True}]}


def plan(
    name: Annotated[str, Argument(help="the bucket; names are shared by the whole world")] = BUCKET, *, region: str
) -> Plan:
    """Make a bucket, private and encrypted; one that is yours already is left as it is."""
    naming.bucket(name)
    there = Call(service="s3", operation="HeadBucket", parameters={"Bucket": name}, why=f"look for {name}")
    return Plan(
        title=f"make the bucket {name}",
        effects=(once(there, _create(name, region), *_close(name)),),
        links=(links.bucket(name),),
        then="kindred-aws create-role",
    )


def _create(name: str, region: str) -> Call:
    # us-east-1 is the one region that must not be named.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    remove = Call(
        service="s3", operation="DeleteBucket", parameters={"Bucket": name}, why=f"delete {name}", accept=MISSING
    )
    return Call(
        service="s3", operation="CreateBucket", parameters={"Bucket": name, **where}, why=f"make the bucket {name}",
        made=f"bucket {name}", undo=(undoing.objects(name), remove),
    )  # fmt: skip


def _close(name: str) -> tuple[Call, ...]:
    return (
        Call(
            service="s3", operation="PutPublicAccessBlock", why="close it to the public",
            parameters={"Bucket": name, "PublicAccessBlockConfiguration": BLOCKED},
        ),
        Call(
            service="s3", operation="PutBucketEncryption", why="encrypt what it holds",
            parameters={"Bucket": name, "ServerSideEncryptionConfiguration": ENCRYPTED},
        ),
    )  # fmt: skip
