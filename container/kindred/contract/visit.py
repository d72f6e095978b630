"""What the log says of one request: a line of JSON, without anything that the request held."""

import logging
import os
import time
import traceback
from dataclasses import dataclass, field
from typing import Any

import msgspec

LOGGER = logging.getLogger("kindred.requests")

_FRAMES = 8


@dataclass(kw_only=True)
class Visit:
    """A request under way; `rows` and `bytes` are what it brought."""

    id: str = field(default_factory=lambda: os.urandom(8).hex())
    started: float = field(default_factory=time.perf_counter)
    bytes: int = 0
    rows: int = 0

    def met(self, fault: Exception) -> None:
        """Log a fault of ours: its kind and where it arose, not its message, which may quote what the caller sent."""
        frames = traceback.extract_tb(fault.__traceback__)[-_FRAMES:]
        where = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        LOGGER.error("Request %s met a fault of ours, %s: %s", self.id, type(fault).__name__, where)

    def ended(self, status: int, *, inference_id: str | None) -> None:
        """Log the request, now that it is answered."""
        line: dict[str, Any] = {
            "id": self.id,
            "status": status,
            "ms": round((time.perf_counter() - self.started) * 1000, 2),
            "rows": self.rows,
            "bytes": self.bytes,
        }
        if inference_id:
            line["inference_id"] = inference_id
        LOGGER.info(msgspec.json.encode(line).decode())
