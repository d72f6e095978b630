"""Channels of tables that come in Pipe mode become folders first: tables are read more than once."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from kindred.algorithms.side_by_side import side_by_side
from kindred.contract.port import Channel, Job
from kindred.data import poured


@contextmanager
def settled(job: Job) -> Iterator[Job]:
    """Give the job with a folder for every channel, on the scratch disk where it comes through a pipe.

    Pipes are read at the same time, in their first epoch. Raises UserError for what cannot be read, or kept.
    """
    piped = [channel for channel in job.channels.values() if channel.pipe]
    if not piped:
        yield job
        return
    with tempfile.TemporaryDirectory(prefix="kindred-", ignore_cleanup_errors=True) as scratch:
        folders = side_by_side([partial(_settled, channel, Path(scratch)) for channel in piped])
        yield replace(job, channels={**job.channels, **{channel.name: channel for channel in folders}})


def _settled(channel: Channel, scratch: Path) -> Channel:
    assert channel.pipe is not None
    folder = scratch / channel.name
    folder.mkdir()
    poured.pour(channel.pipe(0), folder, label=f"{channel.folder.name}_0", wrapped=channel.wrapped)
    return replace(channel, folder=folder, pipe=None)
