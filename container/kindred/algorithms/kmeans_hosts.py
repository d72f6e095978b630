"""k-means on several hosts: each reads its part of sharded channels, and one trains on them all (contract line 46)."""

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from kindred import clustering
from kindred.algorithms import kmeans_reading
from kindred.algorithms.kmeans_reading import Material, test_vectors, train_vectors
from kindred.contract.port import Job, Link
from kindred.data import files
from kindred.data.vectors import Vectors
from kindred.data.vectors_digest import closed
from kindred.engine import cluster
from kindred.engine.cluster import Away, Line, Spread, Tasks
from kindred.engine.pool import Threads
from kindred.engine.shards import Local, Shards
from kindred.errors import UserError


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What a host read of a channel, in numbers; `total` is what its rows add to the fingerprint."""

    host: str
    count: int
    width: int
    file: str
    total: int
    notes: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class _Whole:
    """A channel as all hosts read it."""

    rows: Shards
    width: int
    parts: Sequence[_Part]

    @property
    def notes(self) -> list[str]:
        return [note for part in self.parts for note in part.notes]


def read(job: Job) -> Material:
    """Return the rows of both channels, wherever they lie.

    Raises UserError for what is no vector, with the file and its host, and for parts whose rows differ in width.
    """
    if not job.links:
        return kmeans_reading.read(job)
    lines = [Line(link) for link in job.links]
    train = _whole(job, "train", lines, width=0)
    if not train.rows.count:
        raise UserError("the channel 'train' holds no rows on any host")
    test = _whole(job, "test", lines, width=train.width) if "test" in job.channels else None
    return Material(
        train=train.rows,
        test=test.rows if test and test.rows.count else None,
        fingerprint=closed(train.rows.count, train.width, total=sum(part.total for part in train.parts)),
        notes=list(dict.fromkeys([*_told(train), *train.notes, *(test.notes if test else ())])),
    )


def follow(job: Job, link: Link) -> None:
    """Read what the host that trains asks for, and answer it from those rows until it is done. Raises as `read`."""
    shelves: dict[str, Shards] = {}

    def part(shelf: str, width: int) -> dict[str, Any]:
        found = _vectors(job, shelf, width=width)
        shelves[shelf] = Local(found.shards if found else ())
        return _described(job, shelf, found)

    cluster.serve(link, {"read": part, **cluster.on(shelves, link, tasks=_tasks(), pool=Threads(job.threads))})


def _whole(job: Job, shelf: str, lines: Sequence[Line], *, width: int) -> _Whole:
    """The channel's rows; of one that is not sharded every host has them all, and this one's are taken."""
    if not job.channels[shelf].sharded:
        lines = ()
    for line in lines:
        line.ask("read", shelf=shelf, width=width)
    found = _vectors(job, shelf, width=width)
    parts = [_Part(**told) for told in (_described(job, shelf, found), *(line.answer() for line in lines))]
    width, own = _agreed(parts) or width, Local(found.shards if found else ())
    others = [
        Away(line=line, shelf=shelf, count=part.count)
        for line, part in zip(lines, parts[1:], strict=True)
        if part.count
    ]
    rows = Spread(own=own, others=others, width=width, tasks=_tasks()) if lines else own
    return _Whole(rows=rows, width=width, parts=parts)


def _vectors(job: Job, shelf: str, *, width: int) -> Vectors | None:
    """The channel `test` is read once the width of `train` is known."""
    return train_vectors(job) if shelf == "train" else test_vectors(job, width=width)


def _described(job: Job, shelf: str, found: Vectors | None) -> dict[str, Any]:
    names = files.paths(job.channels[shelf].folder) if found else ()
    return {
        "host": job.host,
        "count": found.count if found else 0,
        "width": found.width if found else 0,
        "file": names[0].name if names else "",
        "total": found.total if found else 0,
        "notes": list(found.notes) if found else [],
    }


def _agreed(parts: Sequence[_Part]) -> int:
    filled = [part for part in parts if part.count]
    for part in filled:
        if part.width != filled[0].width:
            raise UserError(
                f"the rows on the host {filled[0].host} have {filled[0].width} numbers ({filled[0].file}), those on "
                f"the host {part.host} have {part.width} ({part.file}); expected rows of one width on all hosts"
            )
    return filled[0].width if filled else 0


def _told(train: _Whole) -> list[str]:
    if len(train.parts) == 1:
        return ["the channel 'train' is not sharded: this host trains on its own copy, and the others wait"]
    counts = ", ".join(f"{part.host} {part.count}" for part in train.parts)
    return [f"{train.rows.count} rows are spread over {len(train.parts)} hosts: {counts}"]


def _tasks() -> Tasks:
    """Whatever the workshop sums over rows may be summed on another host."""
    return cluster.tasks_of(
        *(import_module(f"{clustering.__name__}.{module.name}") for module in pkgutil.iter_modules(clustering.__path__))
    )
