"""The page of an image's algorithms: tables of hyperparameters, channels and metrics, in Markdown."""

from collections.abc import Sequence

from kindred.contract.port import Algorithm, ChannelSpec, Hyperparameter, Metric
from kindred.contract.specification import default_text
from kindred.contract.training.job import CHOICE

_NEVER_VALID = "\0"


def page(algorithms: Sequence[Algorithm]) -> str:
    """Return the page, with a section for each algorithm."""
    return "\n\n".join([_HEAD, *map(_section, algorithms)]) + "\n"


_HEAD = f"""# Hyperparameters, channels, metrics

<!-- Printed from the algorithms' own tables: kindred spec --format markdown > docs/hyperparameters.md -->

The same tables validate every job. `kindred spec kmeans` (in the image `python -m kindred.entry kindred spec kmeans`)
prints them as the request of CreateAlgorithm; with `--part metrics`, `objectives` or `ranges` as what an `Estimator` or
a tuning job takes. Beside those below, every job may name its algorithm in the hyperparameter `{CHOICE}`; without it
the channels decide."""


def _section(algorithm: Algorithm) -> str:
    return "\n\n".join(
        (
            f"## {algorithm.name}",
            _table(
                ("hyperparameter", "is", "default", "tuned within", "meaning"),
                [_hyperparameter(row) for row in algorithm.hyperparameters],
            ),
            _table(
                ("channel", "also called", "required", "input modes", "content types", "holds"),
                [_channel(spec) for spec in algorithm.channels],
            ),
            _table(
                ("metric", "better", "objective", "regular expression"),
                [_metric(metric) for metric in algorithm.metrics],
            ),
        )
    )


def _hyperparameter(row: Hyperparameter) -> Sequence[str]:
    default = "" if row.default is None else _code(default_text(row.default))
    return (
        _code(row.name),
        _wanted(row),
        "required" if row.required else default,
        _tuned(row),
        row.description,
    )


def _wanted(row: Hyperparameter) -> str:
    """What the error message would ask for."""
    try:
        row.parse(_NEVER_VALID)
    except ValueError as error:
        return str(error)
    return "any text"


def _tuned(row: Hyperparameter) -> str:
    if not row.tunable or row.range is None:
        return ""
    return (", " if row.kind == "Categorical" else " – ").join(map(str, row.range))


def _channel(spec: ChannelSpec) -> Sequence[str]:
    return (
        _code(spec.name),
        ", ".join(map(_code, spec.aliases)),
        _yes(spec.required),
        ", ".join(spec.input_modes),
        ", ".join(map(_code, spec.content_types)),
        spec.description,
    )


def _metric(metric: Metric) -> Sequence[str]:
    better = {"Maximize": "higher", "Minimize": "lower"}[metric.direction]
    return _code(metric.name), better, _yes(metric.objective), _code(metric.regex)


def _yes(given: bool) -> str:  # noqa: FBT001 - the value itself
    return "yes" if given else ""


def _code(text: str) -> str:
    return f"`{text}`"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(map(_line, [head, ["---"] * len(head), *rows]))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
