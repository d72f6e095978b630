"""Where tasks run: the promise every pool keeps, and the pool of threads that keeps it on one host."""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from threadpoolctl import ThreadpoolController

from kindred.errors import Bug

Item = TypeVar("Item")
Result = TypeVar("Result")


class Pool(Protocol):
    """Somewhere to run tasks. What a task returns depends on its item alone, never on the pool or its size."""

    def map(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return task(item) for every item, in the order of the items; raise what a task raises."""

    def stream(self, task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield task(item) for every item, in order, as they come; a result is let go once it is taken."""


@dataclass(frozen=True)
class Threads:
    """A pool of `threads` threads (1 or more) on this host; 1 runs every task on the caller's own.

    BLAS and OpenMP keep to one thread while tasks run, so that the pool's are the only ones and sums keep their order.
    That limit is the process's: pools may run one inside another, not side by side from two threads of the caller.
    """

    threads: int

    def __post_init__(self) -> None:
        if self.threads < 1:
            raise Bug(f"a pool needs at least one thread, got {self.threads}")

    def map(self, task: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return task(item) for every item, in the order of the items; raise what a task raises."""
        return list(self.stream(task, items))

    def stream(self, task: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield task(item) for every item, in order, as they come; a result is let go once it is taken."""
        with _limited():
            if self.threads == 1:
                yield from map(task, items)
                return
            # OpenMP counts its threads for each thread that calls it, so every worker limits its own.
            with ThreadPoolExecutor(self.threads, "kindred", _limited) as executor:
                yield from executor.map(task, items)


def _limited() -> Any:
    """Keep the libraries to one thread from now on; as a context, until it ends."""
    return _libraries(len(sys.modules)).limit(limits=1)


@lru_cache(maxsize=1)
def _libraries(_modules: int) -> ThreadpoolController:
    """Looking for them takes milliseconds, as much as a small pass: only a module that is new can bring another."""
    return ThreadpoolController()
