"""The model folder becomes a predictor: its manifest names the algorithm that made it."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kindred.contract.port import Algorithm, Predictor
from kindred.errors import UserError, nearest

MANIFEST = "manifest.json"


class _Maker(msgspec.Struct):
    algorithm: str


def load(algorithms: Sequence[Algorithm], *, folder: Path) -> tuple[Algorithm, Predictor]:
    """Return the algorithm that made the model in `folder`, and its predictor.

    The manifest may lie in any sub-folder (contract line 118). Raises UserError, one sentence that says what was found
    and what was expected, for a folder without a model, with several, of an unknown algorithm, or unreadable.
    """
    try:
        manifest = _manifest(folder)
        algorithm = _maker(manifest, algorithms)
        return algorithm, algorithm.load(manifest.parent)
    except OSError as error:
        raise UserError(f"the model in {folder} cannot be read: {error.strerror or error}") from error


def _manifest(folder: Path) -> Path:
    found = sorted(folder.rglob(MANIFEST), key=lambda file: (len(file.parts), file))
    if not found:
        raise UserError(f"the model folder {folder} {_holds(folder)}; expected what `train` wrote, with {MANIFEST}")
    top = [file for file in found if len(file.parts) == len(found[0].parts)]
    if len(top) > 1:
        names = ", ".join(str(file.relative_to(folder)) for file in top[:5])
        raise UserError(f"the model folder {folder} holds {len(top)} models ({names}); expected one")
    return top[0]


def _maker(manifest: Path, algorithms: Sequence[Algorithm]) -> Algorithm:
    try:
        name = msgspec.json.decode(manifest.read_bytes(), type=_Maker).algorithm
    except (ValueError, RecursionError):
        raise UserError(f"{manifest} is not the manifest of a model: it names no algorithm") from None
    made = {algorithm.name: algorithm for algorithm in algorithms}
    if name not in made:
        raise UserError(f"{manifest} names the algorithm '{name[:60]}', unknown to this image{nearest(name, made)}")
    return made[name]


def _holds(folder: Path) -> str:
    if not folder.is_dir():
        return "does not exist"
    names = sorted(entry.name for entry in folder.iterdir())
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"holds {', '.join(names[:5])}{more}" if names else "is empty"
