"""The command `kindred`: what a user asks of the image, or of a model, beside `train` and `serve`."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import kindred
from kindred.contract import resources, specification
from kindred.contract.port import Algorithm
from kindred.contract.serving import openapi
from kindred.contract.specification_page import page
from kindred.contract.training import earlier
from kindred.errors import UserError

WHOLE = "algorithm"
PARTS: Mapping[str, Callable[[Algorithm], Any]] = {
    "metrics": specification.metric_definitions,
    "objectives": specification.objectives,
    "ranges": specification.tuner_ranges,
    "openapi": lambda algorithm: openapi.document(algorithm, version=kindred.__version__),
}
"""The parts of a specification that other requests than CreateAlgorithm take, and the OpenAPI document of `serve`."""
FOLDERS = {"model": "a model's folder, or its model.tar.gz", "data": "a folder of data, as the channel train takes it"}


def main(algorithms: Sequence[Algorithm], *, arguments: Sequence[str]) -> int:
    """Print what is asked for and return 0, or, where the user has to mend something, say what and return 1.

    Raises SystemExit, status 2, for what cannot be understood.
    """
    parser = _parser(algorithms)
    asked = parser.parse_args(arguments)
    try:
        _print(_specification(parser, algorithms, asked) if asked.command is None else _answer(asked))
    except UserError as error:
        sys.stderr.write(f"kindred: {error}\n")
        return 1
    except BrokenPipeError:  # whoever reads has read enough, as `head` does
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115  what Python flushes at its end
    return 0


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _answer(asked: argparse.Namespace) -> str:
    with _folder(asked.command.about, asked.folder) as folder:
        answer: str = asked.command.run(folder, asked)
        return answer


def _folder(about: str, folder: Path) -> AbstractContextManager[Path]:
    if about == "model":
        return earlier.tree(folder, most_bytes=resources.memory_bytes() // 2)
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}")
    return nullcontext(folder)


def _specification(parser: argparse.ArgumentParser, algorithms: Sequence[Algorithm], asked: argparse.Namespace) -> str:
    if asked.format == "markdown" and asked.part != WHOLE:
        parser.error("--part is for --format json; the page has all parts")
    chosen = [each for each in algorithms if asked.algorithm in (None, each.name)]
    return page(chosen) if asked.format == "markdown" else _json(chosen, asked)


def _json(chosen: Sequence[Algorithm], asked: argparse.Namespace) -> str:
    """One algorithm's document as the AWS CLI takes it; of several, each under its name."""
    documents = {each.name: _document(each, asked) for each in chosen}
    return json.dumps(documents if asked.algorithm is None else documents[asked.algorithm], indent=2) + "\n"


def _document(algorithm: Algorithm, asked: argparse.Namespace) -> Any:
    if asked.part == WHOLE:
        return specification.create_algorithm(algorithm, image=asked.image)
    return PARTS[asked.part](algorithm)


def _parser(algorithms: Sequence[Algorithm]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kindred", description="Ask the image, or a model.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"kindred {kindred.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    spec = commands.add_parser("spec", help="print what SageMaker is told of an algorithm", allow_abbrev=False)
    spec.set_defaults(command=None)
    names = [algorithm.name for algorithm in algorithms]
    spec.add_argument("algorithm", nargs="?", choices=names, help="all of them where none is named")
    spec.add_argument("--format", choices=("json", "markdown"), default="json")
    spec.add_argument("--part", choices=(WHOLE, *PARTS), default=WHOLE, help="of the JSON: CreateAlgorithm, or a part")
    spec.add_argument("--image", default="kindred", metavar="URI", help="the image in your registry")
    for each in (each for algorithm in algorithms for each in algorithm.commands):
        one = commands.add_parser(each.name, help=each.description, description=each.description, allow_abbrev=False)
        one.set_defaults(command=each)
        one.add_argument("folder", type=Path, metavar="DIR", help=FOLDERS[each.about])
        each.arguments(one)
    return parser
