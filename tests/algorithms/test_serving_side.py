"""What answers requests stays small: the libraries of training are never imported by it."""

import subprocess
import sys
from pathlib import Path

from algorithms.jobs import Trained, table, trained, two_taste_items

HEAVY = {"sklearn", "scipy", "pandas", "polars", "dask", "sagemaker_training", "joblib", "threadpoolctl"}

ASKING = """
import sys
from pathlib import Path
import msgspec
import kindred.algorithms
import kindred.desk.predictor
from kindred.algorithms import recommender

desk = recommender.load(Path(sys.argv[1]))
known = desk.stock.ids[0]
genre = desk.stock.columns["genres"].values[0]
instances = [{"history": [known]}, {"item_id": known}, {"item": {"genres": [genre]}}, {}]
instances += [{**each, "filter": {"genres": [genre]}, "diversity": 0.2} for each in instances]
answers = desk.predict([desk.parse(each, {}) for each in instances])
assert all(each.recommendations for each in answers)
msgspec.json.encode(answers)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def imported_to_answer(model: Path) -> set[str]:
    ended = subprocess.run([sys.executable, "-c", ASKING, str(model)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.split())


def test_answering_from_blocks_needs_numpy_alone(sample: Trained):
    imported = imported_to_answer(sample.base / "model")
    assert "numpy" in imported
    assert imported & HEAVY == set()


def test_answering_from_an_ensemble_needs_numpy_alone(tmp_path: Path):
    made = trained(tmp_path / "job", {"items": table(tmp_path / "items", two_taste_items())})
    assert imported_to_answer(made.base / "model") & HEAVY == set()
