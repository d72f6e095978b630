"""Rows on several hosts, one of which asks and adds up what the others answer: a pass runs where the rows lie.

The only file that knows that there are other hosts; how bytes get there is a link's.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import isfunction
from types import ModuleType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kindred.engine.parcels import Buffer, packed, unpacked
from kindred.engine.pool import Pool
from kindred.engine.shards import Rows, Shards, Sums
from kindred.engine.stopping import Heeding, Stopped
from kindred.errors import Bug

STEP_S = 0.2
"""How often a host that waits for an answer looks whether it should go on waiting."""

Operations = Mapping[str, Callable[..., Any]]
"""What a host answers, by name; arguments and answers are values that `parcels` sends."""

Tasks = Mapping[str, Sums]
"""The functions that may be summed on another host, by name: it runs none but these."""


class Link(Protocol):
    """A connection to another host; both raise where that failed or is gone."""

    @property
    def host(self) -> str:
        """The other host's name."""

    def send(self, parts: Sequence[Buffer]) -> None:
        """Send a message."""

    def receive(self) -> Sequence[bytearray] | None:
        """Wait for a message; None where the other host is done."""

    def waiting(self, seconds: float = 0) -> bool:
        """Return whether something can be received within so many seconds, if only that the other host is gone."""


class Line:
    """Questions to another host, one after another. An answer that nobody waited for is passed over."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self._number = 0

    def ask(self, operation: str, **arguments: Any) -> None:
        """Ask for an operation; what was asked before and not answered yet may be broken off there."""
        while self.link.waiting():  # an answer that nobody took, and both would wait to send
            self._received()
        self._number += 1
        self.link.send(packed([self._number, operation, arguments]))

    def answer(self, *, meanwhile: Callable[[], object] = lambda: None) -> Any:
        """Wait for the last question's answer, and call `meanwhile` now and then; what it raises ends the wait."""
        while True:
            while not self.link.waiting(STEP_S):
                meanwhile()
            number, value = unpacked(self._received())
            if number == self._number:
                return value

    def _received(self) -> Sequence[bytearray]:
        parts = self.link.receive()
        if parts is None:
            raise Bug(f"the host {self.link.host} left before the job was done")
        return parts


def serve(link: Link, operations: Operations) -> None:
    """Answer what the other host asks for, one operation after another, until it is done; raise what they raise.

    One that raises Stopped gets no answer.
    """
    while (parts := link.receive()) is not None:
        number, name, arguments = unpacked(parts)
        if name not in operations:
            raise Bug(f"the host {link.host} asks for '{name}', which this one does not know")
        with contextlib.suppress(Stopped):
            link.send(packed([number, operations[name](**arguments)]))


def on(shelves: Mapping[str, Shards], link: Link, *, tasks: Tasks, pool: Pool) -> Operations:
    """Return the operations by which the other host reaches the rows of these shelves, as `Spread` does.

    A pass is broken off once that host is gone, or asks for something else before it has the answer.
    """
    heeding = Heeding(pool, link.waiting)

    def take(shelf: str, numbers: NDArray[np.int64]) -> Rows:
        return shelves[shelf].take(numbers)

    def total(shelf: str, task: str, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> Sequence[NDArray[Any]]:
        return shelves[shelf].total(partial(_known(task, tasks), *arguments, **keywords), pool=heeding)

    def different(shelf: str, most: int) -> Rows:
        return shelves[shelf].different(most)

    return {"take": take, "total": total, "different": different}


def tasks_of(*modules: ModuleType) -> Tasks:
    """Return the functions that these modules define, by name."""
    found = (value for module in modules for value in vars(module).values() if isfunction(value))
    return {_name(value): value for value in found}


@dataclass(frozen=True, kw_only=True)
class Away:
    """Rows on another host, at least one: how many, and the shelf that it knows them by."""

    line: Line
    shelf: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Shards float32 (n_i, width) over hosts: `own` on this one, which come first, then those of `others` in order.

    `own` may hold no row. Rows are numbered through in that order. Sums are taken within a host, then over hosts in
    their order: equal to one host's with all the rows up to the rounding of float64, and always the same bits.
    """

    own: Shards
    others: Sequence[Away]
    width: int
    tasks: Tasks

    @property
    def count(self) -> int:
        """The number of rows on all hosts."""
        return self.own.count + sum(other.count for other in self.others)

    def take(self, numbers: NDArray[np.int64]) -> Rows:
        """Return copies of the rows of these numbers, float32 (m, d), in order of their numbers."""
        wanted = np.sort(numbers)
        ends = np.cumsum([self.own.count, *(other.count for other in self.others)])
        cuts = np.searchsorted(wanted, ends)
        hers = [
            (other, wanted[begin:end] - before)
            for other, before, begin, end in zip(self.others, ends[:-1], cuts[:-1], cuts[1:], strict=True)
            if end > begin
        ]
        for other, part in hers:
            _ask(other, "take", numbers=part)
        mine = [self.own.take(wanted[: cuts[0]])] if cuts[0] else []
        parts = [*mine, *(other.line.answer() for other, _ in hers)]
        return np.concatenate(parts) if parts else np.empty((0, self.width), dtype=np.float32)

    def total(self, task: Sums, *, pool: Pool) -> tuple[NDArray[np.float64], ...]:
        """Return the sums, float64, of what `task` returns for every piece of rows; every host sums its own.

        Raises Bug where there is no row, and for a task that is none of `tasks`, or a partial of one.
        """
        name, arguments, keywords = _spelled(task, self.tasks)
        for other in self.others:
            _ask(other, "total", task=name, arguments=arguments, keywords=keywords)
        heed = partial(pool.map, _nothing, (0,))
        mine = [self.own.total(task, pool=pool)] if self.own.count else []
        parts = [*mine, *(other.line.answer(meanwhile=heed) for other in self.others)]
        if not parts:
            raise Bug("a sum over no shards has no shape")
        sums = tuple(np.array(array, dtype=np.float64) for array in parts[0])
        for part in parts[1:]:
            for accumulated, array in zip(sums, part, strict=True):
                accumulated += array
        return sums

    def different(self, most: int) -> Rows:
        """Return rows of different value, float32 (m, d): at most `most`, fewer where no more differ."""
        for other in self.others:
            _ask(other, "different", most=most)
        mine = [self.own.different(most)] if self.own.count else []
        parts = [*mine, *(other.line.answer() for other in self.others)]
        if not parts:
            return np.empty((0, self.width), dtype=np.float32)
        found: Rows = np.unique(np.concatenate(parts), axis=0)
        return found[:most]


def _ask(other: Away, operation: str, **arguments: Any) -> None:
    other.line.ask(operation, shelf=other.shelf, **arguments)


def _nothing(_: int) -> None:
    """A task that a pool runs only if it runs tasks at all."""


def _spelled(task: Sums, tasks: Tasks) -> tuple[str, Sequence[Any], Mapping[str, Any]]:
    function: Any = task.func if isinstance(task, partial) else task
    name = _name(function)
    _known(name, tasks)
    return (name, task.args, task.keywords) if isinstance(task, partial) else (name, (), {})


def _known(name: str, tasks: Tasks) -> Sums:
    if name not in tasks:
        raise Bug(f"'{name}' is no task that hosts run for each other; expected a function of a module, or a partial")
    return tasks[name]


def _name(function: Any) -> str:
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', '')}"
