"""Write the golden artefact of the format in force: `python tests/artefact/golden/make.py`. Once; it stays for ever."""

import sys
from pathlib import Path

import numpy as np

from kindred.artefact import shelf
from kindred.artefact.manifest import FORMAT, Manifest

HERE = Path(__file__).parent

MANIFEST = Manifest(
    algorithm="golden",
    hyperparameters={"clusters": 3, "metric": "spherical", "regularisation": 0.5, "columns": None, "quick": True},
    seed=7,
    fingerprint="0123456789abcdef",
    versions={"kindred": "0.1.0"},
    metrics={"validation:ndcg": 0.375},
    notes=["Two rows were skipped – “naïve” ones."],
    facts={"dimensions": 4, "labels": ["drama", "喜劇"], "nested": {"empty": {}, "half": 0.5}},
)
ARRAYS = {
    "centroids": np.arange(12, dtype=np.float32).reshape(3, 4) / 8,
    "labels": np.array([0, 1, 2, 1, 0, 2], np.int32),
    "known": np.array([True, False, True, True, False, True]),
    "half": np.array([[0.5], [-2.0]], np.float16),
    "means": np.array([0.125, 1e300, -0.0]),
    "nothing": np.zeros((0, 4), np.float32),
    "one": np.array(42, np.int64),
}
STRINGS = {
    "item_ids": ["42", "007", "", "a,b", 'say "hi"', "🎬 émoji"],
    "titles": ["Twelve", "Twelve", "", "Ünïcode\n", "\0", "七人の侍"],
    "nobody": [],
}
INDEXED = ["item_ids", "nobody"]


def write(folder: Path) -> None:
    shelf.write(folder, manifest=MANIFEST, arrays=ARRAYS, strings=STRINGS, indexed=INDEXED)


if __name__ == "__main__":
    golden = HERE / f"v{FORMAT}"
    if golden.exists():
        sys.exit(f"{golden} exists, and a golden artefact is never written again; a new format gets a new one")
    write(golden)
