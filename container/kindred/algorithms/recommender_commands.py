"""What `kindred` can be asked of a recommender's model or data: recommend, evaluate, export, divide."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kindred.contract.port import Command
from kindred.errors import UserError

MOST = 1000


def _recommend(folder: Path, asked: argparse.Namespace) -> str:
    from kindred.algorithms import recommender_asking as asking

    return asking.recommend(folder, subject=_subject(asked), options=_options(asked), as_json=asked.json)


def _evaluate(folder: Path, asked: argparse.Namespace) -> str:
    from kindred.algorithms import recommender_reviewing as reviewing  # Polars, which `serve` never loads

    return reviewing.evaluate(folder, test=asked.test, out=asked.out, as_json=asked.json)


def _export(folder: Path, asked: argparse.Namespace) -> str:
    from kindred.algorithms import recommender_exporting as exporting  # Polars, which `serve` never loads

    return exporting.export(folder, asked.out, form=asked.format, as_json=asked.json)


def _divide(folder: Path, asked: argparse.Namespace) -> str:
    from kindred.algorithms import recommender_dividing as dividing  # Polars, which `serve` never loads

    return dividing.divide(folder, asked.out, last=asked.last, as_json=asked.json)


def _subject(asked: argparse.Namespace) -> tuple[str, Any] | None:
    given = [(name, value) for name in ("history", "user", "item") if (value := getattr(asked, name))]
    if len(given) > 1:
        raise UserError(f"ask for one of --{' and --'.join(name for name, _ in given)}")
    return given[0] if given else None


def _options(asked: argparse.Namespace) -> Mapping[str, Any]:
    options: dict[str, Any] = {"n": asked.n, "diversity": asked.diversity}
    if asked.filter:
        try:
            options["filter"] = msgspec.json.decode(asked.filter)
        except (ValueError, RecursionError):
            raise UserError('--filter is JSON such as {"genres": ["Drama"], "year": {"gte": 1990}}') from None
    return options


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _of_recommend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--history", action="append", metavar="TITLES", help="ids or titles, oldest first, with commas; may come again"
    )
    parser.add_argument("--user", metavar="ID", help="a user known from training")
    parser.add_argument("--item", metavar="TITLE", help="an id or a title: what is similar to it")
    parser.add_argument("--n", type=_count, default=10, help=f"how many, 1 to {MOST}; 10 by default")
    parser.add_argument("--filter", metavar="JSON", help='such as {"genres": ["Drama"], "year": {"gte": 1990}}')
    parser.add_argument("--diversity", type=float, default=0.0, help="0 to 1, to spread the answer over clusters")
    _json(parser)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST}, not '{text[:40]}'")
    return int(text)


def _of_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--test", type=Path, metavar="FILE", help="later interactions, a file or a folder of them")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write them there too: JSON, a side within a side")
    _json(parser)


def _of_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder for the tables; made where it is missing")
    parser.add_argument("--format", choices=("csv", "parquet"), default="csv")
    _json(parser)


def _of_divide(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="gets the folders train and test; made where missing")
    parser.add_argument("--last", type=_share, default=0.1, help="the share of events that test gets; 0.1 by default")
    _json(parser)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"a share between 0 and 1, such as 0.1, not '{text[:40]}'")
    return share


COMMANDS = (
    Command(
        name="recommend",
        description="recommend from a model: by history, user or item, else the popular ones",
        arguments=_of_recommend,
        run=_recommend,
    ),
    Command(
        name="evaluate",
        description="print how well a model does beside popularity: on what it held out, or on a test",
        arguments=_of_evaluate,
        run=_evaluate,
    ),
    Command(
        name="export",
        description="write a model as plain tables, to open elsewhere",
        arguments=_of_export,
        run=_export,
    ),
    Command(
        name="divide",
        description="divide data by time into folders to train on and to test on",
        arguments=_of_divide,
        run=_divide,
        about="data",
    ),
)
