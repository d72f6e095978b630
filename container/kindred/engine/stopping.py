"""A pool whose tasks are not begun once somebody has asked the work to end."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from kindred.engine.pool import Pool

Item = TypeVar("Item")
Result = TypeVar("Result")


class Stopped(Exception):
    """The work was asked to end before it was done; what was found until then is still good."""


@dataclass(frozen=True)
class Heeding:
    """The tasks of `pool`, each begun only while `stopped()` is False: every pass over the data can be broken off."""

    pool: Pool
    stopped: Callable[[], bool]

    def map(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return task(item) for every item, in the order of the items; raise Stopped, or what a task raises."""
        return list(self.stream(task, items))

    def stream(self, task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield task(item) for every item, in order, as they come, up to the first that was not begun: then Stopped."""

        def begun(item: Item) -> Result:
            if self.stopped():
                raise Stopped
            return task(item)

        return self.pool.stream(begun, items)
