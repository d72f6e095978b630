"""What the log says of one request: a line of JSON, without anything that the request held."""

import errno
import logging
import os
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import msgspec

from kindred.contract import log
from kindred.errors import UserError

LOGGER = logging.getLogger("kindred.requests")

NAMESPACE = "Kindred"
"""Under which CloudWatch keeps the figures."""

_FRAMES = 8
_ENCODER = msgspec.json.Encoder()
_UNITS = {"ms": "Milliseconds", "rows": "Count", "bytes": "Bytes"}


@dataclass(kw_only=True, slots=True)
class Visit:
    """A request under way; `rows` and `bytes` are what it brought, `figures` what the predictor says of its answers.

    `emf`: the line is one of CloudWatch's embedded metric format as well (contract lines 85, 155).
    """

    id: str = field(default_factory=lambda: os.urandom(8).hex())
    started: float = field(default_factory=time.perf_counter)
    bytes: int = 0
    rows: int = 0
    bad: int = 0
    model: str | None = None
    inference_id: str | None = None
    emf: bool = False
    figures: dict[str, tuple[float, int]] = field(default_factory=dict)

    def met(self, fault: BaseException) -> None:
        """Log a fault of ours: its kind and where it arose, not its message, which may quote what the caller sent."""
        frames = traceback.extract_tb(fault.__traceback__)[-_FRAMES:]
        where = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
        LOGGER.error("Request %s met a fault of ours, %s: %s", self.id, type(fault).__name__, where)

    def saw(self, figures: Mapping[str, float], rows: int) -> None:
        """Take in the figures of so many rows; of several, the means."""
        for name, value in figures.items():
            mean, before = self.figures.get(name, (0.0, 0))
            self.figures[name] = mean + (value - mean) * rows / (before + rows), before + rows

    def ended(self, status: int, *, broken: bool = False) -> None:
        """Log the request, now that it is answered."""
        line: dict[str, Any] = {
            "id": self.id,
            "status": status,
            "ms": round((time.perf_counter() - self.started) * 1000, 2),
            "rows": self.rows,
            "bytes": self.bytes,
        }
        if self.bad or self.model or self.inference_id or broken:
            told = {"bad": self.bad, "model": self.model, "inference_id": self.inference_id, "broken": broken}
            line |= {name: value for name, value in told.items() if value}
        if self.emf:
            line |= {name: mean for name, (mean, _) in self.figures.items()}
            line |= {f"status_{status // 100}xx": 1, "_aws": self._directive(status)}
        log.tell(_ENCODER.encode(line))

    def _directive(self, status: int) -> Mapping[str, Any]:
        """What tells CloudWatch which keys of the line are figures.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
        """
        units = {**_UNITS, **dict.fromkeys(self.figures, "None"), f"status_{status // 100}xx": "Count"}
        metrics = [{"Name": name, "Unit": unit} for name, unit in units.items()]
        dimensions = [["model"]] if self.model else [[]]
        directive = {"Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics}
        return {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A block in which an answer goes out; when it ends, the request is logged. A mistake in it breaks the answer off.

    Status and headers are gone by then: hanging up before the end is what tells the caller (contract line 114).
    """

    visit: Visit

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Log, and turn what went wrong into a connection that ends."""
        if error is not None and not isinstance(error, UserError | GeneratorExit):
            self.visit.met(error)
        self.visit.ended(200, broken=error is not None)
        if error is not None and not isinstance(error, GeneratorExit):
            raise BrokenPipeError(errno.EPIPE, "the answer was broken off") from None
