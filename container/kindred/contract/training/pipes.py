"""Pipe mode: the FIFO of a channel's epoch, opened when it appears and read until its writer is gone (line 41)."""

import io
import os
import select
import threading
import time
from pathlib import Path
from typing import IO, cast

from kindred.errors import UserError

PATIENCE_S = 600.0
"""How long a FIFO may be absent, and how long it may be silent: S3 and its retries are slow, but not so slow."""

GLANCE_S = 0.1
"""How often somebody who waits looks whether the job was asked to stop."""

BUFFER_BYTES = 1 << 20


def opened(
    channel: Path, epoch: int, *, stop: threading.Event | None = None, patience_s: float = PATIENCE_S
) -> IO[bytes]:
    """Return the bytes of `<channel>_<epoch>`, a FIFO that may appear late; it is read once and never rewound.

    `channel` is where the folder of the channel would be. The FIFO of the next epoch appears once this one is closed,
    at its end or before. Opening and reading raise UserError, `at` the FIFO, once `stop` is set, or where nothing
    comes for longer than the patience.
    """
    fifo = channel.with_name(f"{channel.name}_{epoch}")
    wait = _Wait(fifo, stop or threading.Event(), patience_s)
    return cast(IO[bytes], io.BufferedReader(_Fifo(_descriptor(fifo, wait), wait), BUFFER_BYTES))


class _Wait:
    """How long there is nothing: from the last sign of life on."""

    def __init__(self, fifo: Path, stop: threading.Event, patience_s: float) -> None:
        self._fifo, self._stop, self._patience_s = fifo, stop, patience_s
        self.alive()

    def alive(self) -> None:
        self._until = time.monotonic() + self._patience_s
        self.refuse_stopped()

    def refuse_stopped(self) -> None:
        if self._stop.is_set():
            raise UserError("the job was asked to stop before the channel was read to its end", at=str(self._fifo))

    def more(self, awaited: str) -> None:
        self.refuse_stopped()
        if time.monotonic() > self._until:
            sentence = f"{awaited} for {self._patience_s:g} s; does the S3 prefix of the channel hold any object?"
            raise UserError(sentence, at=str(self._fifo))


def _descriptor(fifo: Path, wait: _Wait) -> int:
    while True:
        try:
            # A plain open would wait for a writer, and no signal could end that.
            return os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            wait.more("the FIFO did not appear")
            time.sleep(GLANCE_S)


class _Fifo(io.RawIOBase):
    """The reading end. Before its first writer the FIFO is silent, which is not its end."""

    def __init__(self, descriptor: int, wait: _Wait) -> None:
        self._descriptor, self._wait = descriptor, wait
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        self._wait.alive()
        while True:
            if not self._poll.poll(GLANCE_S * 1000):
                self._wait.more("nothing came")
                continue
            try:
                return os.readv(self._descriptor, [cast(bytearray, buffer)])
            except BlockingIOError:
                continue

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()
