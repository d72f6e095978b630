"""What a user may set of `serve` through the environment: one table, read once."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kindred.contract.negotiation import FAMILIES, Family, family
from kindred.errors import UserError

MIB = 2**20
BATCH_TOTAL_MB = 100
"""The most that MaxConcurrentTransforms × MaxPayloadInMB may come to (contract line 123)."""

_STRATEGIES = ("MULTI_RECORD", "SINGLE_RECORD")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A row of the table: the field of Settings, the variables that set it (the first that is set wins), its default.

    `batch` is the default in a batch transform, where that differs. `parse` raises ValueError with what it expected.
    """

    field: str
    names: tuple[str, ...]
    description: str
    parse: Callable[[str], Any]
    default: Any = None
    batch: Any = None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What `serve` is told. `payload_mb` None is the default limit, 0 none; `workers` None is one a processor.

    `accept` answers a caller who has no preference; None answers in the family of the request. `local` says that SDK
    v2's local mode runs the batch transform.
    """

    port: int
    ports: tuple[int, int] | None
    workers: int | None
    timeout_s: int
    accept: Family | None
    log_level: int
    payload_mb: int | None
    concurrent: int | None
    strategy: str
    batch: bool
    local: bool

    @property
    def payload_bytes(self) -> int | None:
        """The most that a body may hold; None where there is no limit."""
        if self.payload_mb is None:
            return (BATCH_TOTAL_MB if self.batch else 25) * MIB
        return self.payload_mb * MIB or None


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings of `environ`; a variable that is empty counts as absent, one of nobody's is ignored.

    Raises UserError, `at` the variable, for a value that cannot be.
    """
    asked = environ.get("SAGEMAKER_BATCH", "").strip()
    batch = asked.lower() == "true"
    values = {row.field: _value(row, environ, _default(row, batch=batch)) for row in TABLE}
    settings = Settings(batch=batch, local=asked == "True", **values)
    if settings.ports and not settings.ports[0] <= settings.port <= settings.ports[1]:
        low, high = settings.ports
        raise UserError(f"the port {settings.port} is outside {low}-{high}", at="SAGEMAKER_BIND_TO_PORT")
    return settings


def _default(row: Setting, *, batch: bool) -> Any:
    return row.default if row.batch is None or not batch else row.batch


def _value(row: Setting, environ: Mapping[str, str], default: Any) -> Any:
    name = next((name for name in row.names if environ.get(name, "").strip()), None)
    if name is None:
        return default
    text = environ[name].strip()
    try:
        return row.parse(text)
    except ValueError as error:
        raise UserError(f"'{text[:60]}' is not {error}", at=name) from None


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def _range(text: str) -> tuple[int, int]:
    found = re.fullmatch("([0-9]{1,5})-([0-9]{1,5})", text)
    if not found:
        raise ValueError("a range of ports such as 9000-9999")
    return int(found[1]), int(found[2])


def _level(text: str) -> int:
    if re.fullmatch("[0-9]{1,2}", text):
        return int(text)
    if text.upper() not in _LEVELS:
        raise ValueError(f"one of {', '.join(_LEVELS)}, or a number such as 20")
    return int(getattr(logging, text.upper()))


def _strategy(text: str) -> str:
    if text.upper() not in _STRATEGIES:
        raise ValueError(f"one of {', '.join(_STRATEGIES)}")
    return text.upper()


def _family(text: str) -> Family:
    found = family(text)
    if found is None:
        raise ValueError(f"one of {', '.join(each.type for each in FAMILIES)}")
    return found


TABLE = (
    Setting(
        field="port",
        names=("SAGEMAKER_BIND_TO_PORT",),
        description="The port that serve listens on (contract line 93).",
        parse=_whole(1, 65535),
        default=8080,
    ),
    Setting(
        field="ports",
        names=("SAGEMAKER_SAFE_PORT_RANGE",),
        description="The ports that may be listened on, XXXX-YYYY, where the port is not 8080 (contract line 93).",
        parse=_range,
    ),
    Setting(
        field="workers",
        names=("SAGEMAKER_MODEL_SERVER_WORKERS", "MODEL_SERVER_WORKERS"),
        description="Processes that answer, sharing one model; one a processor unless set.",
        parse=_whole(1, 256),
    ),
    Setting(
        field="timeout_s",
        names=("SAGEMAKER_MODEL_SERVER_TIMEOUT", "MODEL_SERVER_TIMEOUT"),
        description="Seconds after which a process that shows no sign of life is replaced (contract lines 96, 132).",
        parse=_whole(1, 3600),
        default=60,
        batch=3600,
    ),
    Setting(
        field="accept",
        names=("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT",),
        description="The type of the answer where the caller has no preference; that of the request unless set.",
        parse=_family,
    ),
    Setting(
        field="log_level",
        names=("SAGEMAKER_CONTAINER_LOG_LEVEL",),
        description="The least severe level that is logged; a request is a line at INFO.",
        parse=_level,
        default=logging.INFO,
    ),
    Setting(
        field="payload_mb",
        names=("SAGEMAKER_MAX_PAYLOAD_IN_MB",),
        description="The largest body in MB, 0 for no limit; 25, and 100 in a batch transform, unless set.",
        parse=_whole(0, 1024),
    ),
    Setting(
        field="concurrent",
        names=("SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",),
        description="Requests that a batch transform sends at a time.",
        parse=_whole(1, BATCH_TOTAL_MB),
    ),
    Setting(
        field="strategy",
        names=("SAGEMAKER_BATCH_STRATEGY",),
        description="Whether a batch transform sends one record in a request, or as many as fit.",
        parse=_strategy,
        default="MULTI_RECORD",
    ),
)
"""Every variable that `serve` reads besides SAGEMAKER_BASE_DIR and SAGEMAKER_BATCH."""
