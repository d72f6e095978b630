"""The log: plain lines on stdout, where CloudWatch and the tuner's regular expressions look."""

import logging
import sys
from collections.abc import Mapping

LOGGER = logging.getLogger("kindred")
"""The root of all our loggers; a line at level INFO is its message and nothing else."""


class PlainLines(logging.Formatter):
    """Messages as they are, but without tabs and carriage returns, which the log would garble (contract line 78)."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, led by its level where that is above INFO."""
        line = super().format(record).replace("\t", " ").replace("\r", " ")
        return f"{record.levelname.lower()}: {line}" if record.levelno > logging.INFO else line


def configure(environ: Mapping[str, str]) -> None:
    """Send our loggers to stdout, from the level that SM_LOG_LEVEL gives on (10 to 50, contract line 64; else 20)."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(PlainLines())
    LOGGER.handlers[:] = [handler]
    LOGGER.propagate = False
    level = environ.get("SM_LOG_LEVEL", "")
    LOGGER.setLevel(int(level) if level.isdecimal() else logging.INFO)
