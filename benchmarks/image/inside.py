"""Runs in the image, on its standard library alone: prints the bytes of its parts as one JSON object."""

import json
import os
from importlib.metadata import distributions
from pathlib import Path

TOGETHER = {"polars-runtime-32": "polars", "botocore": "boto3", "s3transfer": "boto3"}
"""Distributions that are parts of another."""
OURS, PYTHON, LIBRARIES = Path("/opt/kindred"), Path("/usr/local"), Path("/opt/libraries")


def size(folder: Path) -> int:
    """Bytes of the files below the folder, links not followed, other file systems left out."""
    device, total = folder.stat().st_dev, 0
    for base, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if (Path(base) / name).lstat().st_dev == device]
        total += sum((Path(base) / name).lstat().st_size for name in files)
    return total


def main() -> None:
    parts: dict[str, int] = {}
    for one in distributions(path=[str(LIBRARIES / "lib/python3.13/site-packages")]):
        found = (Path(str(one.locate_file(file))) for file in one.files or ())
        name = TOGETHER.get(one.name, one.name)
        parts[name] = parts.get(name, 0) + sum(file.lstat().st_size for file in found if file.exists())
    parts["Debian"] = size(Path("/")) - size(PYTHON) - size(Path("/opt"))
    parts["Python"], parts["kindred"] = size(PYTHON), size(OURS)
    print(json.dumps(parts))


main()
