"""Where a script of the SDK runs: on this machine, the default, or on AWS; and what it leaves there, which is nothing.

Local mode leaves containers, a network and, under Docker on Linux, files of root behind. `swept` takes them away.
"""

import argparse
import json
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLE = Path(__file__).resolve().parent.parent / "sample"
NETWORK = "sagemaker-local"
NOBODY = "arn:aws:iam::111122223333:role/local-mode-asks-nobody"
QUIET = {
    # The clients are made even where nothing is sent: a region is all that they want.
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "SAGEMAKER_SUPPRESS_V2_WARNING": "1",
    "SAGEMAKER_USER_CONFIG_OVERRIDE": "settings.yaml",
}
SETTINGS = "SchemaVersion: '1.0'\nSageMaker: {PythonSDK: {Modules: {TelemetryOptOut: true}}}\n"


@dataclass(frozen=True, kw_only=True)
class Place:
    """`folder` holds all that is written on this machine; `role` and `bucket` matter on AWS alone."""

    image: str
    aws: bool
    role: str
    bucket: str
    machine: str
    folder: Path
    port: int

    def put(self, name: str, content: bytes) -> str:
        """Write a file into a folder of its own, `name` being FOLDER/FILE; return the address of the folder."""
        file = self.folder / name
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        return self.address(file.parent)

    def address(self, folder: Path) -> str:
        """Return where a job finds a folder of this machine: where it lies, or in the bucket, where it is copied to."""
        if not self.aws:
            return f"file://{folder}"
        import boto3

        for file in filter(Path.is_file, folder.rglob("*")):
            boto3.client("s3").upload_file(str(file), self.bucket, f"sdk/{folder.name}/{file.relative_to(folder)}")
        return f"s3://{self.bucket}/sdk/{folder.name}"

    def output(self, name: str) -> str:
        """Return the address of a folder that a job may write to."""
        return f"s3://{self.bucket}/sdk/{name}" if self.aws else f"file://{self.folder / name}"

    def read(self, address: str, file: str) -> str:
        """Return what a job wrote to a file below an address."""
        if not self.aws:
            return Path(address.removeprefix("file://"), file).read_text(encoding="utf-8")
        import boto3

        key = address.removeprefix(f"s3://{self.bucket}/")
        return str(boto3.client("s3").get_object(Bucket=self.bucket, Key=f"{key}/{file}")["Body"].read().decode())


def once(name: str) -> str:
    """Return a name for a tuning job that no other has: the SDKs tell them apart by the minute alone."""
    return f"{name}-{secrets.token_hex(3)}"


def say(*words: object) -> None:
    """Print a line whole: the SDK prints what containers say, too, from a thread of its own."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


@contextmanager
def place(description: str, arguments: Sequence[str]) -> Iterator[Place]:
    """Read the command line; yield the place, and leave nothing on this machine afterwards."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--image", default="kindred", help="the image; on AWS its URI in ECR")
    parser.add_argument("--aws", action="store_true", help="run on AWS, where it costs money")
    parser.add_argument("--role", help="on AWS: the ARN of the role that jobs run under")
    parser.add_argument("--bucket", help="on AWS: the bucket for data and models")
    parser.add_argument("--machine", default="ml.m5.large", help="on AWS: the type of instance")
    given = parser.parse_args(arguments)
    if given.aws and not (given.role and given.bucket and "/" in given.image):
        parser.error("--aws needs --role ARN, --bucket NAME and --image URI")
    with swept(given.image, local=not given.aws) as folder:
        if not given.aws:
            (folder / "settings.yaml").write_text(SETTINGS)
            logging.getLogger("sagemaker").setLevel(logging.WARNING)
            os.environ.update(QUIET | {"SAGEMAKER_USER_CONFIG_OVERRIDE": str(folder / "settings.yaml")})
        yield Place(
            image=given.image, aws=given.aws, role=given.role or NOBODY, bucket=given.bucket or "", folder=folder,
            machine=given.machine if given.aws else "local", port=_free_port(),
        )  # fmt: skip


@contextmanager
def swept(image: str, *, local: bool = True) -> Iterator[Path]:
    """Yield a folder for all that is written; afterwards it is gone, as are containers that mounted it and the network.

    Ends the program, and says what is left, where something is.
    """
    there = _networks() if local else ()
    folder = Path(tempfile.mkdtemp(prefix="kindred-sdk-")).resolve()
    tempfile.tempdir = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = None
        if local:
            for container in _mounting(folder):
                _docker("rm", "--force", container)
            if NETWORK not in there and NETWORK in _networks():
                _docker("network", "rm", NETWORK)
            _own(folder, image)
        shutil.rmtree(folder)
    if local:
        left = _mounting(folder) + [each for each in _networks() if each == NETWORK and each not in there]
        if left or folder.exists():
            sys.exit(f"left behind: {', '.join([*left, *([str(folder)] if folder.exists() else [])])}")
        say("left behind: no container, no network, no file")


def _mounting(folder: Path) -> list[str]:
    """The containers, running or not, that mount anything below the folder."""
    ids = _docker("ps", "--all", "--quiet", "--no-trunc").split()
    told = json.loads(_docker("inspect", *ids)) if ids else []
    return [
        each["Id"] for each in told if any(Path(mount["Source"]).is_relative_to(folder) for mount in each["Mounts"])
    ]


def _own(folder: Path, image: str) -> None:
    """Make this user the owner of what containers wrote as root, so that it can be removed."""
    if os.getuid() and any(path.lstat().st_uid != os.getuid() for path in folder.rglob("*")):
        owner = f"{os.getuid()}:{os.getgid()}"
        _docker("run", "--rm", "--network=none", f"--volume={folder}:/swept", image, "chown", "-R", owner, "/swept")


def _networks() -> list[str]:
    return _docker("network", "ls", "--format", "{{.Name}}").split()


def _docker(*arguments: str) -> str:
    try:
        return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        sys.exit("docker is not installed, and local mode runs on it")
    except subprocess.CalledProcessError as error:
        if arguments[:2] == ("rm", "--force") or arguments[0] == "inspect":  # one is gone by itself meanwhile
            return str(error.stdout or "[]")
        sys.exit(f"docker {arguments[0]} failed: {error.stderr.strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
