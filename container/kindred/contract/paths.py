"""Where SageMaker puts things; the one place that knows `/opt/ml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BASE = Path("/opt/ml")
"""SageMaker's own; another folder takes its place when SAGEMAKER_BASE_DIR names one."""


@dataclass(frozen=True, kw_only=True)
class Paths:
    """The folders and files of the contract (lines 24-74); none of them need exist."""

    config: Path
    data: Path
    model: Path
    models: Path
    output: Path
    output_data: Path
    failure: Path
    checkpoints: Path


def under(base: Path) -> Paths:
    """Return the contract's tree below `base`."""
    return Paths(
        config=base / "input" / "config",
        data=base / "input" / "data",
        model=base / "model",
        models=base / "models",
        output=base / "output",
        output_data=base / "output" / "data",
        failure=base / "output" / "failure",
        checkpoints=base / "checkpoints",
    )


def of(environ: Mapping[str, str]) -> Paths:
    """Return the tree below SAGEMAKER_BASE_DIR, or below `BASE` where that is absent or empty."""
    return under(Path(environ.get("SAGEMAKER_BASE_DIR") or BASE).absolute())
