"""The real `train`, with the recommender behind it, on channels that a test makes up."""

import sys
from collections.abc import Mapping
from pathlib import Path

from kindred.testing import Process
from kit import doors, opt_ml
from kit.doors import Trained

ENTRY = [sys.executable, "-m", "kindred.entry"]
KINDRED = Process(train=[*ENTRY, "train"], serve=[*ENTRY, "serve"])
"""The doors as console commands run them."""

SAMPLE = Path(__file__).parents[2] / "sample"


def train(base: Path, channels: Mapping[str, Mapping[str, bytes]], **hyperparameters: str) -> Trained:
    """Run `train` in a process of its own on these channels, name → file → bytes, to its end."""
    opt_ml.lay_out(base, channels=channels, hyperparameters=hyperparameters)
    return doors.ended(KINDRED.start("train", base, environ={}), base)


def sample_channels() -> dict[str, dict[str, bytes]]:
    """The bundled sample as channels."""
    return {
        "interactions": {"views.csv": (SAMPLE / "interactions" / "views.csv").read_bytes()},
        "items": {"films.csv": (SAMPLE / "items" / "films.csv").read_bytes()},
    }
