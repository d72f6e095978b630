"""What a batch transform is told of us: GET /execution-parameters."""

from kindred.contract.serving.settings import BATCH_TOTAL_MB, Settings

PAYLOAD_MB = 6
"""SageMaker's own default."""


def parameters(settings: Settings, *, workers: int) -> dict[str, int | str]:
    """Return the answer to /execution-parameters: one request a worker at a time, within SageMaker's total.

    BatchStrategy is left out for SDK v2's local mode, which knows none of the names that the contract gives (line 124).
    """
    payload_mb = PAYLOAD_MB if settings.payload_mb is None else settings.payload_mb
    most = BATCH_TOTAL_MB // max(payload_mb, 1)
    answer: dict[str, int | str] = {
        "MaxConcurrentTransforms": max(1, min(settings.concurrent or workers, most)),
        "MaxPayloadInMB": payload_mb,
    }
    return answer if settings.local else {**answer, "BatchStrategy": settings.strategy}
