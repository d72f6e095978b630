"""upload-data: a folder of channels to S3, as `train` reads it."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from .aws import links, naming
from .aws.defaults import BUCKET
from .aws.jobs import GIVEN
from .aws.plan import MISSING, Call, Plan, Upload
from .aws.refusals import Refused


def plan(
    folder: Annotated[Path, Argument(help="a folder with one folder for each channel, such as interactions and items")],
    *,
    bucket: Annotated[str, Option(help="where to")] = BUCKET,
    prefix: Annotated[str, Option(help="the folder in the bucket")] = "data",
) -> Plan:
    """Send a folder to S3; files whose names begin with a dot stay here."""
    naming.bucket(bucket)
    home = "/".join(part for part in prefix.split("/") if part)
    where = f"{home}/" if home else ""
    return Plan(
        title=f"send {folder} to s3://{bucket}/{home}",
        effects=tuple(_upload(file, bucket, f"{where}{file.relative_to(folder).as_posix()}") for file in files(folder)),
        links=(links.bucket(bucket),),
        then=f"kindred-aws train {_channels(folder, f's3://{bucket}/{where}'.rstrip('/'))}",
    )


def files(folder: Path) -> list[Path]:
    """Return the files below a folder, in order. Raises Refused where there are none."""
    if not folder.is_dir():
        raise Refused(f"there is no folder '{folder}'")
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and not _hidden(path.relative_to(folder))]
    if not found:
        raise Refused(f"the folder '{folder}' holds no file")
    return found


def _channels(folder: Path, uri: str) -> str:
    """How `train` is told of the folder: as a whole where it has the usual channels, else channel by channel."""
    found = sorted(path.name for path in folder.iterdir() if path.is_dir() and not _hidden(Path(path.name)))
    if not found or set(GIVEN["recommender"]) <= set(found):
        return f"--data '{uri}'"
    return " ".join(f"--channel '{name}={uri}/{name}'" for name in found)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _upload(file: Path, bucket: str, key: str) -> Upload:
    remove = Call(
        service="s3",
        operation="DeleteObject",
        parameters={"Bucket": bucket, "Key": key},
        why=f"delete {key}",
        accept=MISSING,
    )
    return Upload(file=file, bucket=bucket, key=key, why="send", undo=(remove,))
