"""What a user may set of `serve` through the environment: one table, read once."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kindred.contract.negotiation import FAMILIES, MATRICES, Family, family
from kindred.contract.serving import wishes
from kindred.contract.serving.wishes import Wishes
from kindred.errors import UserError

MIB = 2**20
BATCH_TOTAL_MB = 100
"""The most that MaxConcurrentTransforms × MaxPayloadInMB may come to (contract line 123)."""

_STRATEGIES = ("MULTI_RECORD", "SINGLE_RECORD")
_NEWLINES = ("auto", "always", "never")
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
    v2's local mode runs the batch transform. `models_mb` is what the models of a multi-model endpoint may fill, None
    for a share of the memory. `metrics`: every request's line of log is one of CloudWatch's embedded format.
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
    request_bytes: int | None
    multi_model: bool
    models_mb: int | None
    outputs: tuple[str, ...]
    keep_bad: bool
    id_columns: int
    stream: bool
    final_newline: str
    metrics: bool

    @property
    def payload_bytes(self) -> int | None:
        """The most that a body may hold; None where there is no limit."""
        if self.payload_mb is not None:
            return self.payload_mb * MIB or None
        return self.request_bytes or (BATCH_TOTAL_MB if self.batch else 25) * MIB

    @property
    def answer_s(self) -> float:
        """Seconds after which a request that is still at work is told so, somewhat before `timeout_s` (line 109)."""
        return self.timeout_s * 11 / 12

    @property
    def lines_end(self) -> bool:
        """Whether the last line of an answer ends in LF as the others do (contract line 130)."""
        return self.final_newline == "always" or (self.final_newline == "auto" and self.batch)

    @cached_property
    def wishes(self) -> Wishes:
        """What every caller wishes who does not say otherwise."""
        return Wishes(outputs=self.outputs, keep_bad=self.keep_bad, id_columns=self.id_columns, stream=self.stream)


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
        if not re.fullmatch("[0-9]{1,12}", text) or not low <= int(text) <= high:
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
    found = family(text, among=(*FAMILIES, *MATRICES))
    if found is None:
        raise ValueError(f"one of {', '.join(each.type for each in (*FAMILIES, *MATRICES))}")
    return found


def _told_true(text: str) -> bool:
    """SageMaker's own switches say `true`; whatever else stands there is no (contract line 136)."""
    return text.lower() == "true"


def _newline(text: str) -> str:
    if text.lower() not in _NEWLINES:
        raise ValueError(f"one of {', '.join(_NEWLINES)}")
    return text.lower()


def _metrics(text: str) -> bool:
    if text.lower() not in ("emf", "none"):
        raise ValueError("one of emf, none")
    return text.lower() == "emf"


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
        names=(
            "SAGEMAKER_MODEL_SERVER_WORKERS",
            "MODEL_SERVER_WORKERS",
            "TS_DEFAULT_WORKERS_PER_MODEL",
            "MMS_DEFAULT_WORKERS_PER_MODEL",
        ),
        description="Processes that answer, sharing one model; one a processor unless set.",
        parse=_whole(1, 256),
    ),
    Setting(
        field="timeout_s",
        names=(
            "SAGEMAKER_MODEL_SERVER_TIMEOUT",
            "MODEL_SERVER_TIMEOUT",
            "SAGEMAKER_TS_RESPONSE_TIMEOUT",
            "TS_DEFAULT_RESPONSE_TIMEOUT",
            "MMS_DEFAULT_RESPONSE_TIMEOUT",
        ),
        description="Seconds that an answer may take, the last twelfth of them for saying so (lines 96, 109, 132).",
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
        field="request_bytes",
        names=("TS_MAX_REQUEST_SIZE", "MMS_MAX_REQUEST_SIZE"),
        description="The largest body in bytes, where SAGEMAKER_MAX_PAYLOAD_IN_MB is not set (contract line 150).",
        parse=_whole(1, 2**31 - 1),
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
    Setting(
        field="outputs",
        names=("SAGEMAKER_INFERENCE_OUTPUT",),
        description="What k-means answers with, parted by commas (contract line 152); a request may say it itself.",
        parse=wishes.names,
        default=(),
    ),
    Setting(
        field="keep_bad",
        names=("KINDRED_BAD_RECORDS",),
        description="refuse the whole body for a bad record, or keep it to its own row (contract line 129).",
        parse=wishes.bad_records,
        default=False,
    ),
    Setting(
        field="id_columns",
        names=("KINDRED_ID_COLUMNS",),
        description="Leading CSV cells, or the key id in JSON, that ride along to the answer (contract line 135).",
        parse=wishes.columns,
        default=0,
    ),
    Setting(
        field="stream",
        names=("KINDRED_STREAM",),
        description="true sends rows as they are answered; a mistake then breaks the answer off (contract line 114).",
        parse=wishes.flag,
        default=False,
    ),
    Setting(
        field="final_newline",
        names=("KINDRED_FINAL_NEWLINE",),
        description="Whether the last line ends in LF: always, never, or auto, in a batch alone (contract line 130).",
        parse=_newline,
        default="auto",
    ),
    Setting(
        field="metrics",
        names=("KINDRED_METRICS",),
        description="emf makes each request's line one of CloudWatch's embedded metric format (lines 85, 155).",
        parse=_metrics,
        default=False,
    ),
    Setting(
        field="multi_model",
        names=("SAGEMAKER_MULTI_MODEL",),
        description="true serves many models, loaded and unloaded over /models (contract line 136).",
        parse=_told_true,
        default=False,
    ),
    Setting(
        field="models_mb",
        names=("KINDRED_MODELS_MB",),
        description="What those models may fill together in MB; three quarters of the memory unless set (line 137).",
        parse=_whole(1, 2**24),
    ),
)
"""Every variable that `serve` reads besides SAGEMAKER_BASE_DIR and SAGEMAKER_BATCH."""
