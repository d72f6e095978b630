"""Channels in Pipe mode: a FIFO an epoch, fed by a thread as SageMaker's agent feeds it."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from kindred.codecs import recordio


def fed(data: Path, objects: Mapping[str, Sequence[bytes]], *, wrapped: bool = False, late_s: float = 0.0) -> None:
    """Feed the first epoch of each channel, name → objects, all at the same time; the FIFOs appear after `late_s`."""
    for name, contents in objects.items():
        pieces = [recordio.encode([each]) for each in contents] if wrapped else contents
        threading.Thread(target=_feed, args=(data / f"{name}_0", pieces, late_s), daemon=True).start()


def in_turn(data: Path, objects: Mapping[str, Sequence[bytes]]) -> None:
    """Feed the first epoch of each channel, one channel after another; all FIFOs are there from the beginning."""
    for name in objects:
        os.mkfifo(data / f"{name}_0")

    def run() -> None:
        for name, contents in objects.items():
            _write(data / f"{name}_0", contents)

    threading.Thread(target=run, daemon=True).start()


def _feed(fifo: Path, pieces: Sequence[bytes], late_s: float) -> None:
    time.sleep(late_s)
    os.mkfifo(fifo)
    _write(fifo, pieces)


def _write(fifo: Path, pieces: Sequence[bytes]) -> None:
    with fifo.open("wb") as sink:
        for piece in pieces:
            sink.write(piece)
