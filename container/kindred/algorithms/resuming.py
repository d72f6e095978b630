"""Going on after a kill: what is kept of this very job, how often, and the newest of it that is whole."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from numpy.typing import NDArray

from kindred.artefact import snapshot
from kindred.artefact.snapshot import Snapshot
from kindred.contract.port import Checkpoints
from kindred.errors import UserError

LOGGER = logging.getLogger(__name__)

BELONGS = "belongs"
"""The field that says which job a snapshot is of; `belongs` holds what JSON can: texts, numbers, lists, None."""

LEAST_GAPS = 20
"""After a checkpoint no other is kept for so many times as long as it took, so that a short job does not wait for its
disk; the first is kept at once."""

SHOWN = 40

Arrays = Mapping[str, NDArray[Any]]


class Keeper:
    """Keeps the states of one job, each as `fields` that JSON can say and arrays; nothing where there is no place."""

    def __init__(
        self,
        checkpoints: Checkpoints | None,
        kind: str,
        *,
        belongs: Mapping[str, Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checkpoints, self._kind, self._clock = checkpoints, kind, clock
        self._belongs = {name: list(value) if isinstance(value, tuple) else value for name, value in belongs.items()}
        self._latest: tuple[Mapping[str, Any], Arrays] | None = None
        self._kept_at, self._due_at = float("-inf"), float("-inf")

    def offer(self, fields: Mapping[str, Any], arrays: Arrays, *, every_s: float = 0) -> None:
        """Keep this state if it is time: `every_s` since the last, and LEAST_GAPS times as long as that one took.

        The arrays are not copied: who offers them does not change them.
        """
        self._latest = fields, arrays
        if self._clock() >= max(self._due_at, self._kept_at + every_s):
            self.keep()

    def keep(self) -> None:
        """Keep the state that was offered last, unless it is kept already."""
        if self._checkpoints is None or self._latest is None:
            return
        (fields, arrays), self._latest = self._latest, None
        began = self._clock()
        self._checkpoints.save(snapshot.encode(self._kind, fields={**fields, BELONGS: self._belongs}, arrays=arrays))
        self._kept_at = self._clock()
        self._due_at = self._kept_at + LEAST_GAPS * (self._kept_at - began)

    def kept(self) -> Iterator[Snapshot]:
        """Yield what is kept of this job, the newest first.

        What is damaged, or of another job, is passed over with a warning that says what differs.
        """
        for content in self._checkpoints.saved() if self._checkpoints else ():
            try:
                found = snapshot.decode(content)
            except UserError as error:
                LOGGER.warning("a checkpoint is passed over: %s", error)
                continue
            differing = _differing(found, self._kind, self._belongs)
            if not differing:
                yield found
                continue
            LOGGER.warning("a checkpoint is passed over, as it is of another job: %s", "; ".join(differing))


def _differing(found: Snapshot, kind: str, belongs: Mapping[str, Any]) -> list[str]:
    if found.kind != kind:
        return [f"it is of '{found.kind}', not of '{kind}'"]
    theirs = found.fields.get(BELONGS)
    if not isinstance(theirs, dict):
        return ["it does not say of which"]
    both = {name: (theirs.get(name), belongs.get(name)) for name in dict.fromkeys(chain(belongs, theirs))}
    return [f"its {name} is {_short(one)}, here {_short(other)}" for name, (one, other) in both.items() if one != other]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
