"""One measurement in a process of its own, so that its memory is its own: `worker.py generate|MODEL FOLDER THREADS`.

Prints one line of JSON.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
from scipy import sparse

from benchmarks.scale.population import generate
from kindred.recommender import metrics

ITEMS = 100_000
INTERACTIONS = 7_600_000
HIDDEN = 500
K = 100


def main(task: str, folder: Path, threads: int) -> dict[str, object]:
    if task == "generate":
        return _generate(folder)
    x, content = _read(folder)
    if task == "levels":
        return _levels(x, content)
    hidden, learnt = x[:HIDDEN], x[HIDDEN:]
    histories, targets = _halve(hidden, np.random.default_rng(1))
    start, busy = time.perf_counter(), time.process_time()
    answer = MODELS[task](learnt, content, threads)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - busy
    peak = peak_bytes()
    start = time.perf_counter()
    ranked = np.array([answer(history) for history in histories])
    return {
        "seconds": seconds,
        "processor_seconds": processor_seconds,
        "load": os.getloadavg()[0],
        "peak_bytes": peak,
        "answer_seconds": (time.perf_counter() - start) / HIDDEN,
        "ndcg": float(metrics.ndcg(ranked, targets, k=K).mean()),
        "model_bytes": answer.model_bytes,
        **(answer.told(histories) if task == "kindred" else {}),
    }


def _levels(x, content):
    from benchmarks.scale import levels

    start = time.perf_counter()
    return {"levels": levels.compare(x, content), "seconds": time.perf_counter() - start, "peak_bytes": peak_bytes()}


def peak_bytes() -> int:
    """Return the most memory this process ever held. Linux's getrusage would count the parent's before exec, too."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Kindred:
    """Ours as `train` makes it, the choice of its defaults and of its head included, answering as `serve` does."""

    def __init__(self, x, content, threads):
        from kindred.engine.pool import Threads
        from kindred.recommender import fit, head, ranking, settings, tuning

        pool, start = Threads(threads), time.perf_counter()
        users = np.repeat(np.arange(x.shape[0], dtype=np.int32), np.diff(x.indptr))
        chosen = tuning.choose(
            users,
            x.indices,
            times=None,
            content=content,
            settings=settings.Settings(),
            rng=np.random.default_rng(0),
            pool=pool,
        )
        self.choosing_s = time.perf_counter() - start
        tuned = settings.Settings(ridge=chosen.ridge)
        model = fit.fit(x, content=content, settings=tuned, rng=np.random.default_rng(0), pool=pool)
        start = time.perf_counter()
        rows = np.linspace(0, x.shape[0] - 1, head.HISTORIES).astype(int)
        asked = [x.indices[x.indptr[row] : x.indptr[row + 1]] for row in rows]
        model = head.measured(model, asked, recency=0.0, pool=pool).model
        self.choosing_s += time.perf_counter() - start
        self.ranker = ranking.Ranker(model)
        self.model_bytes = sum(array.nbytes for array in vars(model).values())

    def told(self, histories):
        """What was chosen, and how much of a full scan's top 20 head and hits have, for histories not learnt from."""
        from kindred.recommender import head, ranking

        everything = ranking.Ranker(head.of_size(self.ranker.model, len(self.ranker.model.tastes)))
        agreeing = [len(np.intersect1d(self(one)[:20], _answer(everything, one)[:20])) / 20 for one in histories]
        return {
            "agreement": float(np.mean(agreeing)),
            "head": len(self.ranker.model.head),
            "choosing_seconds": self.choosing_s,
        }

    def __call__(self, history):
        return _answer(self.ranker, history)


def _answer(ranker, history):
    from kindred.recommender import scorer

    numbers, scores = ranker.candidates(scorer.history(history.astype(np.int64), recency=0.0))
    fresh = ~np.isin(numbers, history)
    return _best(numbers[fresh], scores[fresh])


class Als:
    """implicit ALS, 64 factors, 15 iterations, its own fast solver."""

    def __init__(self, x, _content, threads):
        from implicit.cpu.als import AlternatingLeastSquares

        self.model = AlternatingLeastSquares(64, 1.0, 40.0, iterations=15, num_threads=threads, random_state=0)
        self.model.fit(sparse.csr_matrix(x), show_progress=False)
        self.model_bytes = self.model.item_factors.nbytes

    def __call__(self, history):
        items = self.model.item_factors.shape[0]
        row = sparse.csr_matrix((np.ones(len(history), np.float32), history, [0, len(history)]), shape=(1, items))
        scores = self.model.item_factors @ self.model.recalculate_user(np.arange(1), row)[0]
        scores[history] = -np.inf
        return _best(np.arange(items), scores)


class Popular:
    """Counts: what any model must beat."""

    def __init__(self, x, _content, _threads):
        self.counts = np.bincount(x.indices, minlength=x.shape[1]).astype(np.float64)
        self.model_bytes = self.counts.nbytes

    def __call__(self, history):
        scores = self.counts.copy()
        scores[history] = -np.inf
        return _best(np.arange(len(scores)), scores)


MODELS = {"kindred": Kindred, "als": Als, "popular": Popular}


def _best(numbers: np.ndarray, scores: np.ndarray) -> np.ndarray:
    top = np.argpartition(-scores, K)[:K]
    return numbers[top[np.argsort(-scores[top], kind="stable")]]


def _generate(folder: Path) -> dict[str, object]:
    start = time.perf_counter()
    population = generate(items=ITEMS, interactions=INTERACTIONS, rng=np.random.default_rng(0))
    for name, array in vars(population).items():
        np.save(folder / f"{name}.npy", array)
    counts = np.bincount(population.items, minlength=ITEMS)
    return {
        "seconds": time.perf_counter() - start,
        "peak_bytes": peak_bytes(),
        "users": len(population.starts) - 1,
        "without": int((counts == 0).sum()),
        "top_tenth": float(np.sort(counts)[-ITEMS // 10 :].sum() / INTERACTIONS),
    }


def _read(folder: Path) -> tuple[sparse.csr_array, np.ndarray]:
    starts, items, content = (np.load(folder / f"{name}.npy") for name in ("starts", "items", "content"))
    ones = np.ones(len(items), dtype=np.float32)
    return sparse.csr_array((ones, items, starts.astype(np.int32)), shape=(len(starts) - 1, ITEMS)), content


def _halve(hidden: sparse.csr_array, rng: np.random.Generator) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Four fifths of each hidden user's items are the history, the rest, at least one, the targets."""
    histories, targets = [], []
    for row in range(hidden.shape[0]):
        liked = rng.permutation(hidden.indices[hidden.indptr[row] : hidden.indptr[row + 1]])
        held = max(1, len(liked) // 5)
        histories.append(np.sort(liked[held:]))
        targets.append(liked[:held])
    return histories, targets


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
