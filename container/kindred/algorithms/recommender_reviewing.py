"""How well a model does, from its folder alone: what training measured, or on interactions that came later."""

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from kindred.algorithms.recommender_declared import METRICS
from kindred.artefact import shelf
from kindred.data import kinds, pantry
from kindred.desk import evidence, questions
from kindred.desk import stock as stocks
from kindred.desk.lines import table
from kindred.errors import UserError
from kindred.recommender.evaluation import judged, popularity_judged

HEAD = ("", "Kindred", "popularity", "ratio")


def evaluate(folder: Path, *, test: Path | None, out: Path | None, as_json: bool) -> str:
    """Return the metrics beside popularity's, as a table or JSON; `test` is a file or folder of interactions.

    `out` is a file that gets them as JSON, {"test": {"ndcg_at_10": …}, "popularity": {…}}: names without a colon, which
    the paths of SageMaker Pipelines do not know. Raises UserError where the model was not judged and there is no test,
    where the test asks nothing, and where `out` cannot be written.
    """
    stock = stocks.take(folder)
    metrics, because = _measured(folder) if test is None else _tested(stock, test, _weights(folder))
    if out is not None:
        _write(metrics, out)
    if as_json:
        return msgspec.json.format(msgspec.json.encode(metrics), indent=2).decode() + "\n"
    return f"{because[:1].upper()}{because[1:]}.\n\n{_table(metrics)}"


def _write(metrics: Mapping[str, float], out: Path) -> None:
    sides: dict[str, dict[str, float]] = {}
    for metric, value in metrics.items():
        side, _, name = metric.partition(":")
        sides.setdefault(side, {})[name] = value
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(msgspec.json.encode(sides))
    except OSError as error:
        raise UserError(f"the metrics cannot be written to {out}: {error.strerror or error}") from error


def _measured(folder: Path) -> tuple[Mapping[str, float], str]:
    manifest = shelf.open(folder).manifest
    because = manifest.notes[-1] if manifest.notes else "as training measured it"
    if not manifest.metrics:
        raise UserError(f"training did not judge this model ({because}); bring later interactions with --test FILE")
    return manifest.metrics, because


def _weights(folder: Path) -> Mapping[str, float]:
    """The events' weights that the model was trained with."""
    return kinds.weights(shelf.open(folder).manifest.hyperparameters.get("event_weights", ()))


def _tested(stock: stocks.Stock, test: Path, weights: Mapping[str, float]) -> tuple[Mapping[str, float], str]:
    with _folder(test) as folder:
        try:
            read = pantry.read_test(folder, event_weights=weights)
        except UserError as error:
            raise UserError(f"{test} cannot be read as interactions: {error}") from error
    liked = evidence.liked(read.interactions, at_least=stock.facts.positive_from)
    split = questions.of_model(stock, read, liked)
    if not len(split.asked):
        raise UserError(
            f"{test} asks nothing: nobody in it is known from training and goes on to like a known item that is new to "
            "them; was the model trained on it, too?"
        )
    found = {
        "test": judged(stock.scorer, split, recency=stock.facts.recency),
        "popularity": popularity_judged(stock.scorer, split),
    }
    metrics = {f"{side}:{name}": value for side, one in found.items() for name, value in vars(one).items()}
    return metrics, f"{test.name}: {len(split.asked):,} users known from training are asked about"


@contextlib.contextmanager
def _folder(test: Path) -> Iterator[Path]:
    if test.is_dir():
        yield test
        return
    if not test.is_file():
        raise UserError(f"there is no file {test}")
    with tempfile.TemporaryDirectory(prefix="kindred-test-") as scratch:
        (Path(scratch) / test.name).symlink_to(test.resolve())
        yield Path(scratch)


def _table(metrics: Mapping[str, float]) -> str:
    names = [metric.name.removeprefix("test:") for metric in METRICS if metric.name.startswith("test:")]
    rows = [_row(name, metrics) for name in names if f"test:{name}" in metrics]
    return table(HEAD, rows, right=(1, 2, 3))


def _row(name: str, metrics: Mapping[str, float]) -> tuple[str, str, str, str]:
    ours, theirs = metrics[f"test:{name}"], metrics.get(f"popularity:{name}", 0.0)
    return name, f"{ours:.4f}", f"{theirs:.4f}", f"× {ours / theirs:.1f}" if theirs else "–"
