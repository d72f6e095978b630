"""SageMaker SDK v2's local mode with this image: what its users write, run by the SDK itself."""

import json
import subprocess
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kindred.algorithms import kmeans
from kindred.testing import asking
from kit.blobs import blobs

pytestmark = [pytest.mark.docker, pytest.mark.slow]

K, SEVERAL = 5, 6
SCRIPTS = Path(__file__).parent
BUCKET = "stand-in"
EVERYTHING = {
    "k": 5, "feature_dim": 4, "force_dense": True, "mini_batch_size": 100, "init_method": "random", "epochs": 2,
    "extra_center_factor": 3, "half_life_time_size": 0, "local_lloyd_init_method": "kmeans++",
    "local_lloyd_max_iter": 50, "local_lloyd_num_trials": 2, "local_lloyd_tol": 0.001, "eval_metrics": ["msd", "ssd"],
}  # fmt: skip
"""What the SDK sends of v2_kmeans.py's settings, under its names."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Blobs as an array, as a channel of CSV, and a few of them as input of a transform."""
    folder = tmp_path_factory.mktemp("sdk2")
    rows = blobs(K, d=4, each=80).rows
    np.save(folder / "rows.npy", rows)
    for name, part in (("containers", None), ("train", rows), ("batch", rows[:SEVERAL])):
        (folder / name).mkdir()
        if part is not None:
            np.savetxt(folder / name / "rows.csv", part, delimiter=",", fmt="%.9g")
    return folder


@pytest.fixture
def run(sdk2, tag, cloud, world):
    """Run a script of this folder in the SDK's environment; return what it tells."""

    def run(script: str) -> dict[str, Any]:
        asked = {"image": tag, "folder": str(world), "bucket": BUCKET, "port": asking.free_port()}
        ended = subprocess.run(
            [str(sdk2), str(SCRIPTS / script), json.dumps(asked)],
            env=cloud.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout
        return json.loads(ended.stdout.splitlines()[-1])

    return run


def test_kmeans_with_another_image(run, world, tmp_path):
    """[29, 46, 160, 162, 169, 183, 184] record_set, fit, deploy and predict, all in RecordIO of the SDK's own

    `record_set` writes an object a host, and a manifest; a job of two hosts learns from both.
    """
    told = run("v2_kmeans.py")
    rows = np.load(world / "rows.npy")
    alone, together = (centroids(told[name], tmp_path / name) for name in ("model", "together"))
    numbers, distances = nearest(rows[:50], alone)
    assert len(told["records"]) == 50
    assert [record["closest_cluster"] for record in told["records"]] == [[number] for number in numbers]
    np.testing.assert_allclose([record["distance_to_cluster"][0] for record in told["records"]], distances, rtol=1e-4)
    assert sorted(Counter(nearest(rows, together)[0]).values()) == [len(rows) // K] * K, "a centre a blob"
    manifest = json.loads((tmp_path / "together" / "manifest.json").read_text())
    assert manifest["facts"]["rows"] == len(rows), "each host had its own object, and no other"
    assert EVERYTHING.items() <= manifest["hyperparameters"].items()


def test_what_the_sdk_is_told(run):
    """[29, 160] the image, a session of local mode, attach; a manifest that leads nowhere is refused in a sentence"""
    told = run("v2_wiring.py")
    assert told["session"] == [True]
    assert told["images"] == ["ours", "ours"]
    assert [image.rpartition("/")[2] for image in told["built_in"]] == ["kmeans:1"] * 2
    assert (told["attached"]["image"], told["attached"]["model"]) == ("ours", "ours")
    assert told["attached"]["hyperparameters"] == {
        "force_dense": "True", "k": "5", "local_lloyd_tol": "0.5",
    }  # fmt: skip
    no, broken, missing = told["refused"]
    assert no.startswith(f"s3://{BUCKET}/no.manifest: S3 refused it: ")
    assert broken.startswith(f"s3://{BUCKET}/broken.manifest: the manifest is no JSON")
    assert missing.startswith(f"s3://{BUCKET}/no: S3 refused it: ")


def test_any_estimator(run, world, tmp_path):
    """[62, 121, 128, 183] fit, deploy, CSV and JSON, a batch transform, and two hosts of which one trains"""
    told = run("v2_estimator.py")
    rows = np.load(world / "rows.npy")
    numbers, distances = nearest(rows[:SEVERAL], centroids(told["model"], tmp_path / "alone"))
    csv = np.array(told["csv"], dtype=float)
    np.testing.assert_allclose(csv, np.column_stack([numbers, distances]), rtol=1e-4)
    json_ = [[each["closest_cluster"], each["distance_to_cluster"]] for each in told["json"]["predictions"]]
    np.testing.assert_allclose(json_, csv, rtol=1e-6)
    lines = [line.split(",") for line in told["transformed"].splitlines() if line]
    np.testing.assert_allclose(np.array(lines, dtype=float), csv, rtol=1e-6)
    alone, together = (nearest(rows, centroids(told[name], tmp_path / f"all-{name}")) for name in ("model", "together"))
    np.testing.assert_allclose(together[1], alone[1], rtol=1e-4)


def centroids(model: str, folder: Path) -> np.ndarray:
    """The centres of a model.tar.gz that local mode uploaded, and the script downloaded."""
    with tarfile.open(model) as tar:
        tar.extractall(folder, filter="data")
    return np.asarray(kmeans.load(folder).centroids, dtype=np.float64)


def nearest(rows: np.ndarray, centres: np.ndarray) -> tuple[list[int], np.ndarray]:
    apart = np.linalg.norm(rows[:, None].astype(np.float64) - centres[None], axis=2)
    return apart.argmin(axis=1).tolist(), apart.min(axis=1)
