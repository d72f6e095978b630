"""The process's environment variables; the one place that touches `os.environ`."""

import os
from collections.abc import Mapping


def snapshot() -> dict[str, str]:
    """Return a copy of the environment as it is now."""
    return dict(os.environ)


def provide(defaults: Mapping[str, str]) -> None:
    """Set those of `defaults` that the environment does not set yet."""
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
