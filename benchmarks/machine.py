"""What a measurement was made on, without names or dates."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version


def describe(packages: Sequence[str]) -> str:
    """Return one line: processors that this process may use, the interpreter, and the versions of the packages."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return f"{cores} cores, {platform.machine()}, Python {platform.python_version()}, {versions}"
