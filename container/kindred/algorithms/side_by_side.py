"""Tasks that run at the same time because whoever feeds one may wait for another."""

from collections.abc import Callable, Sequence
from multiprocessing.pool import ThreadPool
from typing import TypeVar

Result = TypeVar("Result")


def side_by_side(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """Return what the tasks return, each run on a thread of its own; raise what the first to fail raises, at once.

    The others are left behind then: their threads are daemons, and do not keep the process.
    """

    def run(number: int) -> tuple[int, Result]:
        return number, tasks[number]()

    with ThreadPool(len(tasks)) as pool:
        results = dict(pool.imap_unordered(run, range(len(tasks))))
    return [results[number] for number in range(len(tasks))]
