"""prepare-data: public data or your own, divided by time, in folders as `upload-data` sends them."""

import csv
import io
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from .aws.refusals import Refused

MOVIELENS = "https://files.grouplens.org/datasets/movielens/{name}.zip"
IMDB = "https://datasets.imdbws.com/{file}"
IMDB_FILES = ("title.basics.tsv.gz", "title.ratings.tsv.gz")
SETS: Mapping[str, Sequence[str]] = {
    **{name: (MOVIELENS.format(name=name),) for name in ("ml-latest-small", "ml-latest", "ml-25m", "ml-32m")},
    "imdb": tuple(IMDB.format(file=file) for file in IMDB_FILES),
}
RATINGS = "ratings.csv"
TIMEOUT_S = 60


def run(
    source: Annotated[str, typer.Argument(help=f"one of {', '.join(SETS)}; a zip file; or a folder")],
    folder: Annotated[Path, typer.Argument(help="where to")] = Path("data"),
    *,
    hold_out: Annotated[float, typer.Option(help="the last share of time goes to the channel test; 0 is none")] = 0.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would be done")] = False,
) -> None:
    """Put data into folders as train reads them: downloaded, or from files; with --hold-out, divided by time."""
    if not 0 <= hold_out < 1:
        raise Refused("--hold-out is a share: 0 is nothing, 0.1 the last tenth")
    for line in story(source, folder, hold_out):
        typer.echo(line, err=True)
    if dry_run:
        return
    fetch(source, folder / "train")
    if hold_out:
        held = divide(folder, hold_out)
        typer.echo(f"{held} ratings held out, the last ones", err=True)
    typer.echo(f"next:    kindred-aws upload-data {folder}", err=True)


def story(source: str, folder: Path, hold_out: float) -> Iterator[str]:
    """Yield what would be done."""
    for address in SETS.get(source, (source,)):
        yield f"{address} -> {folder / 'train'}"
    if hold_out:
        yield f"the last {hold_out:.0%} of the ratings -> {folder / 'test'}"


def fetch(source: str, folder: Path) -> None:
    """Leave the data's files in `folder`. Raises Refused where they cannot be had; nothing half-written stays."""
    folder.mkdir(parents=True, exist_ok=True)
    if source in SETS:
        for address in SETS[source]:
            _take(address, _download(address), folder)
    elif Path(source).is_dir():
        shutil.copytree(source, folder, dirs_exist_ok=True)
    elif Path(source).is_file():
        _take(source, Path(source).read_bytes(), folder)
    else:
        raise Refused(f"there is no data set, file or folder '{source}' (data sets: {', '.join(SETS)})")


def divide(folder: Path, share: float) -> int:
    """Move the last `share` of a MovieLens table's ratings to the channel test; return how many."""
    found = sorted((folder / "train").rglob(RATINGS))
    if len(found) != 1:
        raise Refused(f"--hold-out divides one {RATINGS}, and there are {len(found)} in {folder / 'train'}")
    with found[0].open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if "timestamp" not in header:
        raise Refused("--hold-out divides by time, and there is no column 'timestamp'", at=str(found[0]))
    when = header.index("timestamp")
    rows.sort(key=lambda row: int(row[when]))
    kept = len(rows) - round(len(rows) * share)
    _write(found[0], header, rows[:kept])
    _write(folder / "test" / RATINGS, header, rows[kept:])
    return len(rows) - kept


def _download(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:
            content: bytes = answer.read()
    except (urllib.error.URLError, OSError) as error:
        raise Refused(
            f"{address} cannot be had ({error}); fetch it elsewhere and name the file or the folder"
        ) from error
    return content


def _take(name: str, content: bytes, folder: Path) -> None:
    if not name.endswith(".zip"):
        (folder / PurePosixPath(name).name).write_bytes(content)
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise Refused(f"'{name}' is not a whole zip file; fetch it again") from error
    for member in archive.infolist():
        # Names alone: no archive decides where on this machine something is written.
        if not member.is_dir():
            (folder / PurePosixPath(member.filename).name).write_bytes(archive.read(member))


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        table.writerows(rows)
