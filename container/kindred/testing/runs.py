"""Training jobs run for real, on one host or on several, to their end or up to a kill."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kindred.testing import configuration, pipes
from kindred.testing.endings import Ended
from kindred.testing.job import Job
from kindred.testing.programs import Program, Running
from kindred.testing.tree import Tree, lay_out

TIMEOUT_S = 600.0


def train(program: Program, job: Job, base: Path, *, timeout_s: float = TIMEOUT_S) -> Ended:
    """Lay `job` out below `base` for its first host, train to the end, and say how that was.

    Raises subprocess.TimeoutExpired where it takes longer, and ends the program.
    """
    with training(program, job, lay_out(job, base, inside=program.inside(base))) as running:
        return ended(running, Tree(base), timeout_s=timeout_s)


def train_together(program: Program, job: Job, base: Path, *, timeout_s: float = TIMEOUT_S) -> dict[str, Ended]:
    """Train on every host of `job` at once, each on a tree `base/<host>`; return host → end."""
    return _together(program, job, base, [*job.hosts], timeout_s)


@contextmanager
def training(program: Program, job: Job, tree: Tree, *, host: str | None = None) -> Iterator[Running]:
    """Start `train` on a tree that is laid out, feed its pipes, and end it with the block if it runs on."""
    with pipes.feeding(job, tree, host=host or job.hosts[0]):
        running = program.start("train", tree.base, environ=configuration.environment(job))
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def ended(running: Running, tree: Tree, *, timeout_s: float = TIMEOUT_S) -> Ended:
    """Wait for the end and tell it."""
    status = running.popen.wait(timeout_s)
    return Ended(status=status, log=running.text(), tree=tree)


def _together(program: Program, job: Job, base: Path, hosts: list[str], timeout_s: float) -> dict[str, Ended]:
    if not hosts:
        return {}
    host, *others = hosts
    tree = lay_out(job, base / host, host=host, inside=program.inside(base / host))
    with training(program, job, tree, host=host) as running:
        rest = _together(program, job, base, others, timeout_s)
        return {host: ended(running, tree, timeout_s=timeout_s), **rest}
