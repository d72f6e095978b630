"""What training k-means leaves: the artefact, and a table of its clusters."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version

import numpy as np

from kindred import __version__
from kindred.algorithms.kmeans_learning import Learnt
from kindred.algorithms.kmeans_reading import Material
from kindred.algorithms.kmeans_serving import CENTROIDS, NAME, SIZES, WEIGHTS
from kindred.artefact import shelf
from kindred.artefact.manifest import Manifest
from kindred.clustering.assignment import Sweep
from kindred.codecs import csv_rows
from kindred.contract.port import Job

LIBRARIES = ("numpy", "scipy", "scikit-learn", "polars", "safetensors")


def shelve(job: Job, material: Material, learnt: Learnt, *, metrics: Mapping[str, float], notes: Sequence[str]) -> None:
    """Write the artefact, and `clusters.csv` beside the reports where the clusters were swept."""
    k, width = learnt.centroids.shape
    manifest = Manifest(
        algorithm=NAME,
        hyperparameters=dict(job.hyperparameters),
        seed=job.hyperparameters["seed"],
        fingerprint=material.fingerprint,
        versions={"kindred": __version__} | {name: version(name) for name in LIBRARIES},
        metrics=dict(metrics),
        notes=list(notes),
        facts={"k": k, "feature_dim": width, "rows": material.train.count},
    )
    sizes = {} if learnt.found is None else {SIZES: learnt.found.sizes}
    weights = {} if learnt.weights is None else {WEIGHTS: learnt.weights}
    shelf.write(job.model, manifest=manifest, arrays={CENTROIDS: learnt.centroids, **sizes, **weights}, strings={})
    if learnt.found is not None:
        (job.output / "clusters.csv").write_bytes(csv_rows.encode(_clusters(learnt.found)))


def _clusters(found: Sweep) -> list[list[str]]:
    """A line a cluster: how many rows it has, which share of all, and how far they are from its centre."""
    msd = found.squares / np.maximum(found.sizes, 1)
    share = found.sizes / found.sizes.sum()
    columns = zip(found.sizes.tolist(), share.tolist(), msd.tolist(), strict=True)
    lines = [[str(number), str(size), f"{part:.6f}", repr(apart)] for number, (size, part, apart) in enumerate(columns)]
    return [["cluster", "size", "share", "msd"], *lines]
