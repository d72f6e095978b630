"""What folders of data hold, read as the image reads them: what it would refuse is refused before it is sent."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .refusals import Refused


def told(folder: Path) -> dict[str, Any]:
    """Return how many users, items and interactions the channels of a folder have, and what is amiss with them.

    The channels are folders called train and test. Raises Refused for data that training would refuse.
    """
    from kindred.data import pantry

    channels, warnings = {}, []
    for name, read_as in (("train", "train"), ("test", "interactions")):
        if not (folder / name).is_dir():
            continue
        found = _explained(partial(pantry.read, {read_as: folder / name}))
        rows = found.interactions
        channels[name] = {
            "users": len(rows.user_ids), "items": len(found.catalogue.ids), "interactions": len(rows.users),
        }  # fmt: skip
        warnings += found.warnings
    return {"channels": channels, "warnings": warnings}


def divide(folder: Path, out: Path, *, last: float) -> None:
    """Write the channels train and test below `out`: the last share of the time is the test. Raises Refused."""
    from kindred.data import divided

    _explained(partial(divided.divide, folder, out, last=last))


def _explained(act: Callable[[], Any]) -> Any:
    from kindred.errors import UserError

    try:
        return act()
    except UserError as error:
        raise Refused(error.sentence, at=error.at or "") from error
