"""What every script here begins with: SageMaker SDK v2's local mode against a stand-in S3. Runs in locks/sdk2.txt."""

import json
import sys
from dataclasses import dataclass
from typing import Any

import boto3
from sagemaker.local import LocalSession

ROLE = "arn:aws:iam::111122223333:role/kindred"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the test passes: the image, a folder that both sides can read, a bucket, a port for endpoints."""

    image: str
    folder: str
    bucket: str
    port: int

    @property
    def s3(self) -> str:
        return f"s3://{self.bucket}/"


def asked() -> Asked:
    return Asked(**json.loads(sys.argv[1]))


def session(asked: Asked, *, kind: type[LocalSession] = LocalSession) -> LocalSession:
    boto3.client("s3").create_bucket(Bucket=asked.bucket)
    session = kind(default_bucket=asked.bucket)
    session.config = {
        "local": {"local_code": True, "container_root": f"{asked.folder}/containers", "serving_port": asked.port}
    }
    return session


def fetched(asked: Asked, model: str, *, name: str) -> str:
    """Download the model.tar.gz that local mode uploaded; return where it lies."""
    file = f"{asked.folder}/{name}.tar.gz"
    boto3.client("s3").download_file(asked.bucket, model.removeprefix(asked.s3), file)
    return file


def tell(value: Any) -> None:
    """The answer is the last line of the output; what the SDK prints comes before."""
    print(f"\n{json.dumps(value)}", flush=True)
