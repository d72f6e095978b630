"""The caller's headers that InvokeEndpoint passes on, and that go back with the answer (contract lines 105, 106)."""

from collections.abc import Mapping
from typing import Any

CUSTOM = "X-Amzn-SageMaker-Custom-Attributes"
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"

LONGEST = {CUSTOM: 1024, INFERENCE_ID: 64}
"""Characters that SageMaker lets each be."""


KEYS = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in LONGEST}
"""Under which the WSGI environment has them."""


def echoed(environ: Mapping[str, Any]) -> dict[str, str]:
    """Return those headers that the answer repeats: visible ASCII and blanks, no longer than SageMaker lets them be."""
    return {
        name: value
        for name, key in KEYS.items()
        if (value := environ.get(key)) and presentable(value, longest=LONGEST[name])
    }


def options(text: str | None) -> dict[str, str]:
    """Return the `key=value` pairs between semicolons, keys in lower case; what is no pair is left out."""
    pairs = [part.partition("=") for part in (text or "").split(";")]
    return {key.strip().lower(): value.strip() for key, equals, value in pairs if equals and key.strip()}


def presentable(value: str, *, longest: int) -> bool:
    """Tell whether `value` may stand in a header: visible ASCII and blanks, at most `longest` characters."""
    return len(value) <= longest and value.isascii() and value.isprintable()
