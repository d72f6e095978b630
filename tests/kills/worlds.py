"""Jobs long enough that a kill can land in each of their stages, and short enough for hundreds of kills."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from kindred import testing
from kindred.testing import Channel, Job

SAMPLE = Path(__file__).parents[2] / "sample"
CHECKPOINTS = "s3://a-bucket/checkpoints/"


def kmeans() -> Job:
    """Rows without any clusters, so that epochs and passes all find something to do."""
    rows = np.random.default_rng(1).normal(size=(24_000, 16)).astype(np.float32)
    return Job(
        name="kills",
        channels={"train": Channel(objects=testing.npy(rows, parts=3))},
        hyperparameters={"k": 64, "epochs": 4, "mini_batch_size": 1000, "refine_passes": 40},
        checkpoints=CHECKPOINTS,
    )


def recommender() -> Job:
    """The bundled sample."""
    channels = {name: Channel(objects=testing.folder(SAMPLE / name)) for name in ("interactions", "items")}
    return Job(name="kills", channels=channels, checkpoints=CHECKPOINTS)


WORLDS: Mapping[str, Callable[[], Job]] = {"kmeans": kmeans, "recommender": recommender}
