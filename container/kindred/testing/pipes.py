"""Pipe mode: a FIFO for each pass over a channel, fed while the program reads it."""

import errno
import gzip
import os
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from kindred.testing import recordio
from kindred.testing.job import Channel, Job
from kindred.testing.tree import Tree

PAUSE_S = 0.002


@contextmanager
def feeding(job: Job, tree: Tree, *, host: str) -> Iterator[None]:
    """Feed the channels of `host` in Pipe mode until the block ends, each by a thread of its own.

    `<channel>_0` is there at once, `<channel>_1` as soon as its reader closed that, and so on for ever. A reader may
    close early. The objects of a pass follow each other with nothing in between.
    """
    over = threading.Event()
    feeders = [
        threading.Thread(
            target=_feed, args=(tree.data / name, channel, _objects(job, host, channel), over), daemon=True
        )
        for name, channel in job.channels_of(host).items()
        if channel.input_mode == "Pipe"
    ]
    tree.data.mkdir(parents=True, exist_ok=True)
    for feeder in feeders:
        feeder.start()
    try:
        yield
    finally:
        over.set()
        for feeder in feeders:
            feeder.join()


def _objects(job: Job, host: str, channel: Channel) -> Sequence[bytes]:
    objects = [content for _, content in sorted(job.objects_of(host, channel).items())]
    if channel.compression == "Gzip":
        objects = [gzip.decompress(content) for content in objects]
    return [recordio.wrapped(content) for content in objects] if channel.wrapper == "RecordIO" else objects


def _feed(stem: Path, channel: Channel, objects: Sequence[bytes], over: threading.Event) -> None:
    chance = None if channel.shuffle_seed is None else random.Random(channel.shuffle_seed)  # noqa: S311 - a test's order
    epoch = 0
    while not over.is_set():
        order = list(objects)
        if chance is not None:
            chance.shuffle(order)
        fifo = stem.with_name(f"{stem.name}_{epoch}")
        with suppress(FileExistsError):
            os.mkfifo(fifo)
        _pour(fifo, b"".join(order), over)
        epoch += 1


def _pour(fifo: Path, content: bytes, over: threading.Event) -> None:
    """Give `content` to whoever opens the FIFO, and wait until they closed it."""
    end = _opened(fifo, over)
    if end is None:
        return
    left = memoryview(content)
    try:
        while left and not over.is_set():
            try:
                left = left[os.write(end, left[:65536]) :]
            except BlockingIOError:
                over.wait(PAUSE_S)
    except BrokenPipeError:
        pass
    finally:
        os.close(end)
    while not over.is_set() and _read(fifo):
        over.wait(PAUSE_S)


def _opened(fifo: Path, over: threading.Event) -> int | None:
    while not over.is_set():
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        over.wait(PAUSE_S)
    return None


def _read(fifo: Path) -> bool:
    """Say whether anybody still has the FIFO open for reading: only then it can be opened for writing at once."""
    try:
        os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True
