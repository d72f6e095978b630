"""prepare-data: public data or your own, in folders as `train` reads them, divided by time where asked."""

import json
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import typer

from .aws import contents
from .aws.jobs import share
from .aws.refusals import Refused, refused

MOVIELENS = "https://files.grouplens.org/datasets/movielens/{name}.zip"
IMDB = "https://datasets.imdbws.com/{file}"
IMDB_FILES = ("title.basics.tsv.gz", "title.ratings.tsv.gz")
SETS: Mapping[str, Sequence[str]] = {
    **{name: (MOVIELENS.format(name=name),) for name in ("ml-latest-small", "ml-latest", "ml-25m", "ml-32m")},
    "imdb": tuple(IMDB.format(file=file) for file in IMDB_FILES),
}
TIMEOUT_S = 60
HEAD = ("channel", "users", "items", "interactions", "where")


def run(
    source: Annotated[str, typer.Argument(help=f"one of {', '.join(SETS)}; a file; or a folder")],
    folder: Annotated[Path, typer.Argument(help="where to")] = Path("data"),
    *,
    hold_out: Annotated[float, typer.Option(help="the last share of time goes to the channel test; 0 is none")] = 0.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be done")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs: one JSON document on stdout")] = False,
    region: Annotated[str, typer.Option(help="as every verb has it; nothing is sent to AWS here")] = "",
    profile: Annotated[str, typer.Option(help="as every verb has it; nothing is sent to AWS here")] = "",
) -> None:
    """Put data into folders as train reads them: downloaded, or from files; with --hold-out, divided by time."""
    del region, profile
    if hold_out:
        share(hold_out, flag="--hold-out")
    story = list(steps(source, folder, hold_out))
    if dry_run:
        print(json.dumps({"steps": story}, indent=2) if as_json else "\n".join(f"# {line}" for line in story))
        return
    for line in () if as_json else story:
        typer.echo(line, err=True)
    told = prepare(source, folder, hold_out=hold_out)
    then = f"kindred-aws upload-data {folder}"
    if as_json:
        print(json.dumps({**told, "then": then}, indent=2))
        return
    print("\n".join(table(told)))
    typer.echo(f"next:    {then}", err=True)


def steps(source: str, folder: Path, hold_out: float) -> Iterator[str]:
    """Yield what would be done."""
    for address in SETS.get(source, (source,)):
        yield f"{address} -> {folder / 'train'}"
    if hold_out:
        yield f"the last {hold_out:.0%} of the interactions -> {folder / 'test'}"


def prepare(source: str, folder: Path, *, hold_out: float) -> dict[str, Any]:
    """Leave the channel train, and test where some is held out, and return what they hold, as the image reads it.

    A channel appears when it is whole. Raises Refused where the data cannot be had, read, divided or written, and where
    the folder has such a channel already.
    """
    _refuse_overlap(source, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Beside its place, and with a dot, so that nobody takes for the data what is not whole yet.
        with tempfile.TemporaryDirectory(prefix=".kindred-", dir=folder) as scratch:
            made = _made(source, Path(scratch), hold_out)
            told = contents.told(made)
            for channel in told["channels"]:
                (made / channel).rename(folder / channel)
    except OSError as error:
        raise refused(type(error).__name__, str(error)) from error
    return {"folder": str(folder), **told}


def table(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table for people, and what they should know of the data."""
    rows = [
        (channel, *(f"{figures[name]:,}" for name in HEAD[1:4]), str(Path(told["folder"]) / channel))
        for channel, figures in told["channels"].items()
    ]
    widths = [max(len(row[place]) for row in (HEAD, *rows)) for place in range(len(HEAD))]
    for row in (HEAD, *rows):
        cells = [cell.rjust(width) if 1 <= place <= 3 else cell.ljust(width)
                 for place, (cell, width) in enumerate(zip(row, widths, strict=True))]  # fmt: skip
        yield "  ".join(cells).rstrip()
    for warning in told["warnings"]:
        yield f"! {warning}"


def fetch(source: str, folder: Path) -> None:
    """Leave the data's files in `folder`. Raises Refused where they cannot be had."""
    folder.mkdir(parents=True, exist_ok=True)
    if source in SETS:
        for address in SETS[source]:
            _keep(_download(address, folder), folder)
    elif Path(source).is_dir():
        shutil.copytree(source, folder, dirs_exist_ok=True)
    elif Path(source).is_file():
        _keep(Path(shutil.copy(source, folder)), folder)
    else:
        raise Refused(f"there is no data set, file or folder '{source}' (data sets: {', '.join(SETS)})")


def _refuse_overlap(source: str, folder: Path) -> None:
    there = [folder / channel for channel in ("train", "test") if (folder / channel).exists()]
    if there:
        raise Refused(f"{there[0]} is there already; name another folder, or move this one away")
    ours, theirs = folder.resolve(), Path(source).resolve()
    if source not in SETS and (ours.is_relative_to(theirs) or theirs.is_relative_to(ours)):
        raise Refused(f"{source} and {folder} lie one in the other; name another folder")


def _made(source: str, scratch: Path, hold_out: float) -> Path:
    """A folder that holds the channels."""
    whole = scratch / "whole"
    fetch(source, whole / "train")
    if not hold_out:
        return whole
    contents.divide(whole / "train", scratch / "divided", last=hold_out)
    return scratch / "divided"


def _download(address: str, folder: Path) -> Path:
    path = folder / PurePosixPath(address).name
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer, path.open("wb") as file:
            shutil.copyfileobj(answer, file)
            # Read in pieces, an answer that breaks off looks like one that ends.
            if file.tell() < int(answer.headers.get("Content-Length", 0)):
                raise ConnectionError("the connection broke off")
    except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException) as error:
        raise Refused(
            f"{address} cannot be had ({error}); fetch it elsewhere and name the file or the folder"
        ) from error
    return path


def _keep(path: Path, folder: Path) -> None:
    """Unpack a zip file in its place; anything else stays as it is."""
    if path.suffix != ".zip":
        return
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                # Names alone: no archive decides where on this machine something is written.
                name = PurePosixPath(member.filename).name
                if member.is_dir() or name.startswith("."):
                    continue
                with archive.open(member) as source, (folder / name).open("xb") as to:
                    shutil.copyfileobj(source, to)
    except FileExistsError:
        raise Refused(f"'{path.name}' holds two files named '{name}'; unpack it, and name the folder") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"'{path.name}' is not a whole zip file ({error}); fetch it again") from error
    path.unlink()
