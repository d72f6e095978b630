"""The command `kindred`: what a user asks of the image beside `train` and `serve`."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import kindred
from kindred.contract import openapi, specification
from kindred.contract.port import Algorithm
from kindred.contract.specification_page import page

WHOLE = "algorithm"
PARTS: Mapping[str, Callable[[Algorithm], Any]] = {
    "metrics": specification.metric_definitions,
    "objectives": specification.objectives,
    "ranges": specification.tuner_ranges,
    "openapi": lambda algorithm: openapi.document(algorithm, version=kindred.__version__),
}
"""The parts of a specification that other requests than CreateAlgorithm take, and the OpenAPI document of `serve`."""


def main(algorithms: Sequence[Algorithm], *, arguments: Sequence[str]) -> int:
    """Print what is asked for and return 0. Raises SystemExit, status 2, for what cannot be understood."""
    parser = _parser([algorithm.name for algorithm in algorithms])
    asked = parser.parse_args(arguments)
    if asked.format == "markdown" and asked.part != WHOLE:
        parser.error("--part is for --format json; the page has all parts")
    chosen = [each for each in algorithms if asked.algorithm in (None, each.name)]
    sys.stdout.write(page(chosen) if asked.format == "markdown" else _json(chosen, asked))
    return 0


def _json(chosen: Sequence[Algorithm], asked: argparse.Namespace) -> str:
    """One algorithm's document as the AWS CLI takes it; of several, each under its name."""
    documents = {each.name: _document(each, asked) for each in chosen}
    return json.dumps(documents if asked.algorithm is None else documents[asked.algorithm], indent=2) + "\n"


def _document(algorithm: Algorithm, asked: argparse.Namespace) -> Any:
    if asked.part == WHOLE:
        return specification.create_algorithm(algorithm, image=asked.image)
    return PARTS[asked.part](algorithm)


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kindred", description="Ask the image about itself.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"kindred {kindred.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    spec = commands.add_parser("spec", help="print what SageMaker is told of an algorithm", allow_abbrev=False)
    spec.add_argument("algorithm", nargs="?", choices=names, help="all of them where none is named")
    spec.add_argument("--format", choices=("json", "markdown"), default="json")
    spec.add_argument("--part", choices=(WHOLE, *PARTS), default=WHOLE, help="of the JSON: CreateAlgorithm, or a part")
    spec.add_argument("--image", default="kindred", metavar="URI", help="the image in your registry")
    return parser
