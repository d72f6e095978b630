"""The log: plain lines on stdout, where CloudWatch and the tuner's regular expressions look."""

import contextlib
import io
import logging
import os
import sys
from collections.abc import Mapping

LOGGER = logging.getLogger("kindred")
"""The root of all our loggers; a line at level INFO is its message and nothing else."""

REQUESTS = logging.getLogger("kindred.requests")


class PlainLines(logging.Formatter):
    """Messages as they are, but without tabs and carriage returns, which the log would garble (contract line 78)."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, led by its level where that is above INFO."""
        line = super().format(record).replace("\t", " ").replace("\r", " ")
        return f"{record.levelname.lower()}: {line}" if record.levelno > logging.INFO else line


class Stdout(logging.StreamHandler):  # type: ignore[type-arg]
    """Stdout; `tell` writes a line that is ready without a LogRecord, which takes longer than many an answer."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self.setFormatter(PlainLines())
        try:
            self._number: int | None = sys.stdout.fileno()
        except (io.UnsupportedOperation, AttributeError):
            self._number = None

    def tell(self, line: bytes) -> None:
        """Write the line; what stdout refuses is lost, as it is by `emit`.

        Every other line was flushed, so that this one goes past the stream's buffer, in one piece that no other
        process parts.
        """
        with contextlib.suppress(OSError, ValueError):
            if self._number is None:
                self.stream.write(f"{line.decode()}\n")
                return
            rest = line + b"\n"
            while rest := rest[os.write(self._number, rest) :]:
                pass


def configure(environ: Mapping[str, str]) -> None:
    """Send our loggers to stdout, from the level that SM_LOG_LEVEL gives on (10 to 50, contract line 64; else 20)."""
    LOGGER.handlers[:] = [Stdout()]
    LOGGER.propagate = False
    level = environ.get("SM_LOG_LEVEL", "")
    LOGGER.setLevel(int(level) if level.isdecimal() else logging.INFO)


def tell(line: bytes) -> None:
    """Log a request: one line at level INFO, without tabs or line ends."""
    stdout = LOGGER.handlers[0] if LOGGER.handlers and not LOGGER.propagate else None
    if not isinstance(stdout, Stdout):
        REQUESTS.info(line.decode())
    elif LOGGER.level <= logging.INFO:
        stdout.tell(line)
