"""What one request allocates at most, beyond what is there before and after it."""

import json
import tracemalloc
from pathlib import Path

from kindred.algorithms import ALGORITHMS
from kindred.contract.serving import loading

MB = 1e6


def peak_mb(folder: Path, body: bytes) -> float:
    """Return the most memory that answering the first instance of the body held at once, NumPy's arrays among it."""
    _, predictor = loading.load(ALGORITHMS, folder=folder)
    requests = [predictor.parse(json.loads(body)["instances"][0], {})]
    for _ in range(3):
        predictor.predict(requests)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    predictor.predict(requests)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (peak - before) / MB
