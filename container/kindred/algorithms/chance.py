"""Chance, drawn anew for each purpose and number: what is done more or less, or again, changes nothing else."""

import numpy as np

from kindred.contract.port import Job


def chance(job: Job, purpose: str, number: int = 0) -> np.random.Generator:
    """Return the generator of this purpose and number, always in the same state: it depends on nothing but the seed."""
    return np.random.default_rng([job.hyperparameters["seed"], number, *purpose.encode()])
