"""The account: the one place that names boto3. Every error leaves here as a `Refused` with its sentence."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from .plan import Answer, Parameters
from .refusals import Refused, refused

SAGEMAKER_QUIET_S = 70  # an answer of a real-time endpoint takes 60 seconds at most
CONSOLES = {
    "aws": "aws.amazon.com", "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com",
    "aws-eusc": "amazonaws-eusc.eu",
}  # fmt: skip
"""The console's host by partition; boto3 knows the rest."""


class Aws(Protocol):
    """An account as the runner knows it."""

    def ask(self, service: str, operation: str, parameters: Parameters) -> Answer:
        """Send one request and return its answer. Raises Refused with AWS's code."""

    def upload(self, file: Path, *, bucket: str, key: str) -> None:
        """Send a file. Raises Refused."""

    def facts(self) -> Mapping[str, str]:
        """Return `account`, `region`, `partition`, `suffix` and `console`. Raises Refused."""


class Account:
    """An AWS account through boto3; nothing is read or asked before it is needed."""

    def __init__(self, *, region: str | None = None, profile: str | None = None) -> None:
        self._region = region
        self._profile = profile
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, operation: str, parameters: Parameters) -> Answer:
        """Send one request and return its answer, the HTTP part of it left out, a stream read. Raises Refused."""
        with _explained(operation):
            client = self._client(service)
            answer = getattr(client, _method(operation))(**parameters)
            return {name: _read(value) for name, value in answer.items() if name != "ResponseMetadata"}

    def upload(self, file: Path, *, bucket: str, key: str) -> None:
        """Send a file to S3, in parts where it is large. Raises Refused."""
        with _explained("UploadFile"):
            self._client("s3").upload_file(str(file), bucket, key)

    def facts(self) -> Mapping[str, str]:
        """Return who and where we are, asking STS. Raises Refused."""
        account = self.ask("sts", "GetCallerIdentity", {})["Account"]
        return {"account": account, **places(self.region)}

    @property
    def region(self) -> str:
        """The region, as named, or as AWS's own settings have it. Raises Refused where there is none."""
        with _explained(""):
            region = self._region or os.environ.get("AWS_REGION") or self._session.region_name
        if not region:
            raise refused("NoRegionError", "")
        return str(region)

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.Session(region_name=self._region, profile_name=self._profile)

    def _client(self, service: str) -> Any:
        from botocore.config import Config

        if service not in self._clients:
            # A prediction is not sent twice: a second one would wait as long and cost as much.
            patience = {"read_timeout": SAGEMAKER_QUIET_S, "retries": {"max_attempts": 0}}
            config = Config(**patience) if service == "sagemaker-runtime" else Config(retries={"mode": "standard"})
            self._clients[service] = self._session.client(service, region_name=self.region, config=config)
        return self._clients[service]


def places(region: str) -> dict[str, str]:
    """Return what follows from a region: the partition of ARNs, the suffix of hosts, the console's host.

    Raises Refused for a region that boto3 does not know.
    """
    from botocore.loaders import create_loader

    # By its data alone: a session would read the profile, which a dry run does without.
    partitions = create_loader().load_data("partitions")["partitions"]
    found = next((each for each in partitions if re.fullmatch(each["regionRegex"], region)), None)
    if found is None:
        raise refused("UnknownRegionError", f"Unknown region: '{region}'")
    partition, suffix = found["id"], found["outputs"]["dnsSuffix"]
    return {"region": region, "partition": partition, "suffix": suffix, "console": CONSOLES.get(partition, suffix)}


@contextmanager
def _explained(operation: str) -> Iterator[None]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        raise refused(str(told.get("Code", "")), str(told.get("Message", "")), operation=operation) from error
    except Boto3Error as error:
        cause = error.__context__
        if isinstance(cause, ClientError):
            told = cause.response.get("Error", {})
            raise refused(str(told.get("Code", "")), str(told.get("Message", "")), operation=operation) from error
        raise refused(type(error).__name__, str(error), operation=operation) from error
    except (BotoCoreError, OSError) as error:
        raise refused(_kind(error), str(error), operation=operation) from error


def _kind(error: Exception) -> str:
    return type(error).__name__


def _method(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def _read(value: Any) -> Any:
    return value.read() if hasattr(value, "read") else value


def from_file(path: Path) -> bytes:
    """Return a file's bytes. Raises Refused where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(str(refused(_kind(error), str(error)))) from error
